using Fovea.Imaging;
using Fovea.Transforms;

namespace Fovea.Data.Loading;

/// <summary>Which images make up the batches of an epoch: a function of the data set, the options and the epoch alone.</summary>
internal static class BatchPlan
{
    // The borders of torchvision's aspect groups: two to the power of -1 to 1 in thirds.
    private static readonly double[] Borders = [.. Enumerable.Range(-3, 7).Select(static i => Math.Pow(2, i / 3.0))];

    /// <param name="count">Images in the data set.</param>
    /// <param name="options">Batch size, shuffling, seed, and whether the last batch is dropped.</param>
    /// <param name="epoch">The epoch, from 0.</param>
    /// <param name="groups">The group of every image, or null for no grouping.</param>
    /// <param name="classes">The class of every image, to draw all classes alike; null to take every image once.</param>
    /// <returns>Numbers of images; the second time an image is drawn in an epoch it has <paramref name="count"/> added, and so on.</returns>
    public static int[][] Make(int count, LoaderOptions options, int epoch, int[]? groups, int[]? classes = null)
    {
        var order = classes is not null
            ? Balanced(classes, RandomStream.ForOrder(options.Seed, epoch))
            : options.Shuffle
            ? RandomStream.ForOrder(options.Seed, epoch).Permutation(count)
            : [.. Enumerable.Range(0, count)];
        var batches = groups is null ? order.Chunk(options.BatchSize) : Grouped(order, groups, options.BatchSize);
        return [.. batches.Where(batch => !options.DropLast || batch.Length == options.BatchSize)];
    }

    /// <summary>The aspect group of every image, by the size its annotation states or its file has.</summary>
    public static int[] AspectGroups(IDataset dataset)
    {
        var groups = new int[dataset.Count];
        Parallel.For(0, groups.Length, i => groups[i] = AspectGroup(dataset, i));
        return groups;
    }

    private static int AspectGroup(IDataset dataset, int index)
    {
        try
        {
            var sample = dataset[index];
            var size = sample.DeclaredSize ?? ImageInfo.Read(sample.ImagePath).Size;
            var aspect = (double)size.Width / size.Height;
            return Borders.Count(border => aspect >= border);
        }
        catch (FoveaException)
        {
            // Loading the image will say what is wrong with it, or replace it.
            return 0;
        }
    }

    // The classes take turns in a random order; each deals its images out in a random order, and begins again when none is left.
    private static int[] Balanced(int[] classes, RandomStream random)
    {
        var decks = classes.Select(static (label, index) => (label, index)).GroupBy(static pair => pair.label, static pair => pair.index)
            .OrderBy(static group => group.Key).Select(static group => group.ToArray()).ToList();
        var dealt = decks.Select(deck => (Order: random.Permutation(deck.Length), Next: 0, Round: 0)).ToArray();
        var order = new int[classes.Length];
        for (var i = 0; i < order.Length;)
        {
            foreach (var turn in random.Permutation(decks.Count).Take(order.Length - i))
            {
                ref var deal = ref dealt[turn];
                if (deal.Next == deal.Order.Length)
                    deal = (random.Permutation(deal.Order.Length), 0, deal.Round + 1);
                order[i++] = checked(decks[turn][deal.Order[deal.Next++]] + deal.Round * classes.Length);
            }
        }

        return order;
    }

    // Each image waits in its group until a batch of the group is full; what is left at the end is batched group by group.
    private static IEnumerable<int[]> Grouped(int[] order, int[] groups, int batchSize)
    {
        var waiting = new List<int>[Borders.Length + 1];
        for (var i = 0; i < waiting.Length; i++)
            waiting[i] = [];
        foreach (var index in order)
        {
            var group = waiting[groups[index % groups.Length]];
            group.Add(index);
            if (group.Count < batchSize)
                continue;
            yield return [.. group];
            group.Clear();
        }

        foreach (var rest in waiting.SelectMany(static group => group).Chunk(batchSize))
            yield return rest;
    }
}

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
    public static int[][] Make(int count, LoaderOptions options, int epoch, int[]? groups)
    {
        var order = options.Shuffle
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

    // Each image waits in its group until a batch of the group is full; what is left at the end is batched group by group.
    private static IEnumerable<int[]> Grouped(int[] order, int[] groups, int batchSize)
    {
        var waiting = new List<int>[Borders.Length + 1];
        for (var i = 0; i < waiting.Length; i++)
            waiting[i] = [];
        foreach (var index in order)
        {
            var group = waiting[groups[index]];
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

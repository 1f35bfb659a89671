using System.Globalization;

namespace Fovea.Data.Splitting;

/// <summary>
/// Divides data sets into parts that hold about the same share of every class, by the iterative stratification of
/// Sechidis, Tsoumakas and Vlahavas, "On the Stratification of Multi-Label Data" (2011): the rarest class is dealt out
/// first, each of its images to the part that still wants most of it. The same seed gives the same parts.
/// </summary>
public static class DatasetSplitter
{
    /// <summary>Divides into parts of given shares.</summary>
    /// <param name="dataset">The data set.</param>
    /// <param name="shares">Names and shares of the parts; the shares need not sum to 1.</param>
    /// <param name="seed">Seed of the order in which images are dealt out.</param>
    /// <param name="groupBy">Gives the group of an image; images of one group (one patient, one video) stay together. Null for each by itself.</param>
    /// <exception cref="FoveaException">There are fewer than two parts, a share is not positive, or there are fewer groups than parts.</exception>
    public static SplitPlan Split(IDataset dataset, IReadOnlyList<(string Name, double Share)> shares, int seed, Func<Sample, string>? groupBy = null)
    {
        if (shares.Count < 2 || shares.Any(static part => !(part.Share > 0)))
            throw new FoveaException($"split: found {string.Join(", ", shares.Select(static part => Describe(part)))}, expected at least two parts with positive shares");
        var groups = Groups(dataset, groupBy);
        if (groups.Count < shares.Count)
            throw new FoveaException($"split: found {groups.Count} {(groupBy is null ? "images" : "groups")} in {dataset.Name}, expected at least one for each of the {shares.Count} parts");
        var total = shares.Sum(static part => part.Share);
        var assigned = Stratifier.Assign(groups, [.. shares.Select(part => part.Share / total)], new Random(seed));
        if (Enumerable.Range(0, shares.Count).Except(assigned).Select(part => shares[part].Name).FirstOrDefault() is { } empty)
            throw new FoveaException($"split: found no images left for '{empty}' in {dataset.Name}, expected at least one; give it a larger share");
        var partOf = new string[dataset.Count];
        for (var i = 0; i < groups.Count; i++)
        {
            foreach (var image in groups[i].Images)
                partOf[image] = shares[assigned[i]].Name;
        }

        var description = $"{dataset.Name}: {string.Join(", ", shares.Select(static part => Describe(part)))}; seed {seed}{(groupBy is null ? "" : $"; {Counted.Of(groups.Count, "group")} kept whole")}";
        return new SplitPlan(description, [.. shares.Select(static part => part.Name)], partOf.Select((part, i) => (dataset[i].Id, part)));
    }

    /// <summary>Divides into folds of equal share, named "fold1", "fold2" ...; see <see cref="SplitPlan.Part"/> and <see cref="SplitPlan.Except"/>.</summary>
    /// <param name="dataset">The data set.</param>
    /// <param name="folds">Number of folds, at least 2.</param>
    /// <param name="seed">Seed of the order in which images are dealt out.</param>
    /// <param name="groupBy">Gives the group of an image; images of one group stay together. Null for each by itself.</param>
    /// <exception cref="FoveaException">There are fewer than two folds, or fewer groups than folds.</exception>
    public static SplitPlan Folds(IDataset dataset, int folds, int seed, Func<Sample, string>? groupBy = null) =>
        Split(dataset, [.. Enumerable.Range(1, Math.Max(0, folds)).Select(static i => (FormattableString.Invariant($"fold{i}"), 1.0))], seed, groupBy);

    private static string Describe((string Name, double Share) part) => string.Create(CultureInfo.InvariantCulture, $"{part.Name} {part.Share:0.####}");

    /// <summary>Images of a group, with the number of them that hold each class; the last entry counts images that hold none.</summary>
    private static List<SplitGroup> Groups(IDataset dataset, Func<Sample, string>? groupBy)
    {
        var classes = new bool[dataset.Count][];
        AllCores.For(dataset.Count, i => classes[i] = ClassesOf(dataset, i));
        var groups = new List<SplitGroup>();
        var byName = new Dictionary<string, SplitGroup>(StringComparer.Ordinal);
        for (var i = 0; i < dataset.Count; i++)
        {
            var name = groupBy?.Invoke(dataset[i]) ?? FormattableString.Invariant($"{i}");
            if (!byName.TryGetValue(name, out var group))
                groups.Add(byName[name] = group = new SplitGroup(new int[dataset.Labels.Count + 1]));
            group.Images.Add(i);
            for (var label = 0; label < classes[i].Length; label++)
                group.Counts[label] += classes[i][label] ? 1 : 0;
        }

        return groups;
    }

    private static bool[] ClassesOf(IDataset dataset, int index)
    {
        var annotation = (dataset.Content.HasFlag(DatasetContent.Maps) ? dataset.Load(index) : dataset[index]).Annotation;
        var present = new bool[dataset.Labels.Count + 1];
        foreach (var label in annotation.ImageLabels.Concat((annotation.Instances ?? []).Select(static instance => instance.Label)))
            present[label] = true;
        foreach (var value in annotation.Map?.Values ?? [])
        {
            if (value != LabelMap.Ignore)
                present[value] = true;
        }

        present[^1] = !present.AsSpan(0, present.Length - 1).Contains(true);
        return present;
    }
}

/// <summary>Images that stay together.</summary>
/// <param name="Counts">How many of them hold each class, and last how many hold none.</param>
internal sealed record SplitGroup(int[] Counts)
{
    public List<int> Images { get; } = [];
}

/// <summary>Deals groups out to parts, the rarest class first.</summary>
internal static class Stratifier
{
    /// <summary>The number of the part of every group.</summary>
    public static int[] Assign(IReadOnlyList<SplitGroup> groups, IReadOnlyList<double> shares, Random random)
    {
        var order = Enumerable.Range(0, groups.Count).ToArray();
        random.Shuffle(order);
        var classes = groups[0].Counts.Length;
        var remaining = Enumerable.Range(0, classes).Select(label => groups.Sum(group => (long)group.Counts[label])).ToArray();
        var wanted = shares.Select(share => remaining.Select(count => share * count).ToArray()).ToArray();
        var wantedImages = shares.Select(share => share * groups.Sum(static group => (double)group.Images.Count)).ToArray();
        var assigned = new int[groups.Count];
        Array.Fill(assigned, -1);
        while (Rarest(remaining) is >= 0 and var label)
        {
            // Large groups first: they are the hardest to place.
            foreach (var group in order.Where(i => assigned[i] < 0 && groups[i].Counts[label] > 0).OrderByDescending(i => groups[i].Counts[label]).ToList())
            {
                var part = Neediest(wanted, wantedImages, label);
                assigned[group] = part;
                wantedImages[part] -= groups[group].Images.Count;
                for (var other = 0; other < classes; other++)
                {
                    wanted[part][other] -= groups[group].Counts[other];
                    remaining[other] -= groups[group].Counts[other];
                }
            }
        }

        return assigned;
    }

    private static int Rarest(long[] remaining)
    {
        var best = -1;
        for (var label = 0; label < remaining.Length; label++)
        {
            if (remaining[label] > 0 && (best < 0 || remaining[label] < remaining[best]))
                best = label;
        }

        return best;
    }

    private static int Neediest(double[][] wanted, double[] wantedImages, int label)
    {
        var best = 0;
        for (var part = 1; part < wanted.Length; part++)
        {
            var difference = wanted[part][label] - wanted[best][label];
            if (difference > 1e-9 || (difference > -1e-9 && wantedImages[part] > wantedImages[best]))
                best = part;
        }

        return best;
    }
}

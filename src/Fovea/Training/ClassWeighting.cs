using Fovea.Data;

namespace Fovea.Training;

/// <summary>How the weights of classes follow from how often they occur.</summary>
public enum ClassWeighting
{
    /// <summary>All over (the number of classes times the class's own): the mean weight over everything is 1.</summary>
    InverseFrequency,

    /// <summary>The median of all frequencies over the class's own, where a frequency counts only images that hold the class (Eigen and Fergus 2015).</summary>
    MedianFrequency,

    /// <summary>1 / ln(1.02 + share of all), between 1.4 and 50 (ENet, Paszke et al. 2016).</summary>
    Logarithmic,
}

/// <summary>How often every class occurs in training data.</summary>
/// <param name="Counts">Images, or pixels, of every class.</param>
/// <param name="Around">Images, or pixels, of all the images that hold the class.</param>
public sealed record ClassFrequencies(IReadOnlyList<long> Counts, IReadOnlyList<long> Around)
{
    /// <summary>Counts images by their class, or pixels by theirs, over the whole data.</summary>
    /// <param name="dataset">The data.</param>
    /// <param name="task">Classification counts images, semantic segmentation pixels.</param>
    /// <exception cref="DataException">A map cannot be read.</exception>
    public static ClassFrequencies Of(IDataset dataset, ModelTask task)
    {
        var (counts, around) = (new long[dataset.Labels.Count], new long[dataset.Labels.Count]);
        if (task == ModelTask.Classification)
        {
            for (var i = 0; i < dataset.Count; i++)
            {
                if (dataset[i].Annotation.Label is { } label)
                    counts[label]++;
            }

            Array.Fill(around, counts.Sum());
            return new ClassFrequencies(counts, around);
        }

        AllCores.For(dataset.Count, i => AddPixels(dataset.Load(i).Annotation.Map!, counts, around));
        return new ClassFrequencies(counts, around);
    }

    /// <summary>A weight for every class; 0 for one that does not occur, which the logarithm alone can weigh.</summary>
    /// <param name="weighting">How the weights follow from the counts.</param>
    public float[] Weights(ClassWeighting weighting)
    {
        var total = Math.Max(1, Counts.Sum());
        if (weighting == ClassWeighting.Logarithmic)
            return [.. Counts.Select(count => (float)(1 / Math.Log(1.02 + (double)count / total)))];
        if (weighting == ClassWeighting.InverseFrequency)
            return [.. Counts.Select(count => count == 0 ? 0 : (float)((double)total / (Counts.Count * count)))];
        var shares = Counts.Zip(Around, static (count, around) => around == 0 ? 0 : (double)count / around).ToList();
        var present = shares.Where(static share => share > 0).Order().ToList();
        var median = present.Count == 0 ? 0 : (present[(present.Count - 1) / 2] + present[present.Count / 2]) / 2;
        return [.. shares.Select(share => share == 0 ? 0 : (float)(median / share))];
    }

    private static void AddPixels(LabelMap map, long[] counts, long[] around)
    {
        var own = new long[256];
        foreach (var value in map.Values)
            own[value]++;
        var labelled = map.Values.Length - own[LabelMap.Ignore];
        lock (counts)
        {
            for (var label = 0; label < counts.Length; label++)
            {
                counts[label] += own[label];
                around[label] += own[label] > 0 ? labelled : 0;
            }
        }
    }
}

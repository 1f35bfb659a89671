namespace Fovea.Data.Statistics;

/// <summary>How classes are weighed by how often they occur.</summary>
public enum ClassWeighting
{
    /// <summary>
    /// median(f) / f, where f is the share of a class in the images that hold it (Eigen &amp; Fergus 2015; SegNet, section 3): 1 for
    /// the class in the middle.
    /// </summary>
    MedianFrequency,

    /// <summary>1 / (K·p), where p is the share of a class in all pixels and K the number of classes: 1 for all when they are alike.</summary>
    InverseFrequency,

    /// <summary>1 / ln(1.02 + p) (ENet, section 5.2): between 1.4 and 50.5 however rare a class is.</summary>
    Logarithmic,

    /// <summary>
    /// (1 − f) / f, with several labels an image the images without a label for each with it: what is true and what is not of a label weigh alike.
    /// </summary>
    NegativeRatio,
}

/// <summary>How often each class occurs among the pixels of maps or among images, which then stand for pixels, and weights of classes for a loss that follow from it.</summary>
public sealed class ClassFrequencies
{
    private const double Offset = 1.02;

    private ClassFrequencies(long[] pixels, long[] pixelsOfImages)
    {
        Pixels = pixels;
        PixelsOfImages = pixelsOfImages;
        var total = Math.Max(1, pixels.Sum());
        Shares = [.. pixels.Select(count => (double)count / total)];
        Frequencies = [.. pixels.Zip(pixelsOfImages, static (own, all) => all == 0 ? 0 : (double)own / all)];
    }

    /// <summary>Pixels of every class, in the order of the label space.</summary>
    public IReadOnlyList<long> Pixels { get; }

    /// <summary>For every class the pixels, ignored ones too, of the images that hold it.</summary>
    public IReadOnlyList<long> PixelsOfImages { get; }

    /// <summary>p: the share of every class in the pixels that have a class, 0 to 1.</summary>
    public IReadOnlyList<double> Shares { get; }

    /// <summary>f: the share of every class in the pixels of the images that hold it, 0 to 1; 0 for a class that never occurs.</summary>
    public IReadOnlyList<double> Frequencies { get; }

    /// <summary>Counts the maps of a data set, on all cores.</summary>
    /// <param name="dataset">A data set with maps; <c>AsMaps</c> paints those of objects with masks.</param>
    /// <param name="progress">Told the share that is done, 0 to 1.</param>
    /// <param name="cancellation">Stops the counting.</param>
    /// <exception cref="FoveaException">The data set has no maps, or a map cannot be read.</exception>
    public static ClassFrequencies Compute(IDataset dataset, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        if (!dataset.Content.HasFlag(DatasetContent.Maps))
            throw new FoveaException($"{dataset.Name}: found {dataset.Content.ToString().ToLowerInvariant()}, expected maps: class frequencies count pixels");
        var images = new (long[] Pixels, long Area)[dataset.Count];
        AllCores.For(dataset.Count, i => images[i] = Count(dataset.Load(i).Annotation.Map!, dataset.Labels.Count), progress, cancellation);
        return Of(dataset.Labels.Count, images);
    }

    /// <summary>Counts the images of each class of a data set whose images have one class each; an image stands for a pixel.</summary>
    /// <param name="dataset">The data set.</param>
    public static ClassFrequencies OfImages(IDataset dataset)
    {
        var counts = new long[dataset.Labels.Count];
        for (var i = 0; i < dataset.Count; i++)
        {
            if (dataset[i].Annotation.Label is { } label)
                counts[label]++;
        }

        return new ClassFrequencies(counts, [.. counts.Select(count => count == 0 ? 0 : counts.Sum())]);
    }

    /// <summary>Counts the images of each label of a data set whose images have any number of them; f is the share of all images that have a label.</summary>
    /// <param name="dataset">The data set.</param>
    public static ClassFrequencies OfLabels(IDataset dataset)
    {
        var counts = new long[dataset.Labels.Count];
        for (var i = 0; i < dataset.Count; i++)
        {
            foreach (var label in dataset[i].Annotation.PresentLabels ?? [])
                counts[label]++;
        }

        return OfLabels(counts, dataset.Count);
    }

    /// <summary>The weight of every class, for a cross entropy; 0 for a class that never occurs, which no pixel asks for.</summary>
    /// <param name="weighting">The rule.</param>
    public float[] Weights(ClassWeighting weighting)
    {
        var present = Frequencies.Where(static frequency => frequency > 0).Order().ToList();
        var median = present.Count == 0 ? 0 : (present[(present.Count - 1) / 2] + present[present.Count / 2]) / 2;
        return [.. Pixels.Select((count, label) => count == 0 ? 0 : (float)(weighting switch
        {
            ClassWeighting.MedianFrequency => median / Frequencies[label],
            ClassWeighting.InverseFrequency => 1 / (Pixels.Count * Shares[label]),
            // A label of all images has nothing to be weighed against.
            ClassWeighting.NegativeRatio => Frequencies[label] < 1 ? (1 - Frequencies[label]) / Frequencies[label] : 1,
            _ => 1 / Math.Log(Offset + Shares[label]),
        }))];
    }

    /// <summary>From the images that have each label and the number of all images.</summary>
    internal static ClassFrequencies OfLabels(long[] counts, long images) => new(counts, [.. counts.Select(count => count == 0 ? 0 : images)]);

    /// <summary>From the pixels of each class and of all in every image.</summary>
    internal static ClassFrequencies Of(int classes, IEnumerable<(long[] Pixels, long Area)> images)
    {
        var (pixels, pixelsOfImages) = (new long[classes], new long[classes]);
        foreach (var (own, area) in images)
        {
            for (var label = 0; label < classes; label++)
            {
                pixels[label] += own[label];
                pixelsOfImages[label] += own[label] > 0 ? area : 0;
            }
        }

        return new ClassFrequencies(pixels, pixelsOfImages);
    }

    private static (long[] Pixels, long Area) Count(LabelMap map, int classes)
    {
        var counts = new long[256];
        foreach (var value in map.Values)
            counts[value]++;
        return (counts[..classes], map.Values.Length);
    }
}

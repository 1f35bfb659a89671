namespace Fovea.Metrics;

/// <summary>
/// Evaluates semantic segmentation. Pixels are counted over the whole data set (as PASCAL VOC and Cityscapes do), never averaged
/// image by image; pixels of value <see cref="LabelMap.Ignore"/> in the truth do not count.
/// </summary>
/// <param name="labels">The classes.</param>
public sealed class SegmentationEvaluator(LabelSpace labels)
{
    private readonly ConfusionMatrix confusion = new(labels.Count);
    private readonly PairCounts pairs = new();
    private readonly List<BinaryOverlap[]> images = [];

    /// <summary>Images added.</summary>
    public int Images => images.Count;

    /// <summary>Adds an image.</summary>
    /// <param name="truth">Its true classes.</param>
    /// <param name="prediction">The predicted classes, of the same size.</param>
    /// <param name="name">Name of the image, for messages.</param>
    /// <returns>The counts of this image alone.</returns>
    /// <exception cref="FoveaException">The sizes differ, or a map holds a value that is no class.</exception>
    public ConfusionMatrix Add(LabelMap truth, LabelMap prediction, string name = "image")
    {
        if (truth.Size != prediction.Size)
            throw new FoveaException($"{name}: found a predicted map of {prediction.Size}, expected {truth.Size}, the size of the true one");
        pairs.Count(truth.Values, prediction.Values);
        var own = new ConfusionMatrix(labels.Count);
        foreach (var (value, predicted, count) in pairs.Found())
        {
            if (value != LabelMap.Ignore)
                own.Add(Class(value, "true map", name), Class(predicted, "predicted map", name), count);
        }

        for (var i = 0; i < labels.Count; i++)
        {
            for (var j = 0; j < labels.Count; j++)
                confusion.Add(i, j, own[i, j]);
        }

        images.Add([.. Enumerable.Range(0, labels.Count).Select(own.Of)]);
        return own;
    }

    /// <summary>The figures over all images added.</summary>
    /// <exception cref="FoveaException">There are none, or none has a pixel with a class.</exception>
    public SegmentationResult Compute() => confusion.Total > 0
        ? new SegmentationResult(labels, confusion)
        : throw new FoveaException($"evaluation: found no pixel with a class in {Counted.Of(Images, "image")}, expected at least one");

    /// <summary>95 % confidence intervals of the figures, drawing the images again with replacement; see <see cref="Bootstrap"/>.</summary>
    /// <param name="draws">How often they are drawn.</param>
    /// <param name="seed">Start of the random numbers.</param>
    /// <returns>Intervals by the names of <see cref="SegmentationResult.Values"/>; none for fewer than two images.</returns>
    /// <exception cref="FoveaException">No image has a pixel with a class.</exception>
    public IReadOnlyDictionary<string, Interval> Intervals(int draws = 1000, int seed = 0)
    {
        string[] names = [.. Compute().Values.Keys];
        var intervals = images.Count < 2 ? [] : Bootstrap.Intervals(images.Count, Redrawn, draws, seed: seed);
        return names.Zip(intervals).Where(static pair => pair.Second is not null).ToDictionary(static pair => pair.First, static pair => pair.Second!);
    }

    private double[] Redrawn(int[] drawn)
    {
        var counts = new BinaryOverlap[labels.Count];
        foreach (var index in drawn)
        {
            for (var i = 0; i < counts.Length; i++)
                counts[i] += images[index][i];
        }

        return [.. SegmentationResult.Named([.. counts.Select((count, i) => new SegmentScore(labels[i], count))]).Values];
    }

    private int Class(int value, string map, string name) => value < labels.Count
        ? value
        : throw new FoveaException($"{name}: {map}: found value {value}, expected a class from 0 to {labels.Count - 1}{(map[0] == 't' ? $", or {LabelMap.Ignore} to ignore" : "")}");
}

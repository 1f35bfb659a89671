namespace Fovea.Metrics;

/// <summary>
/// Evaluates semantic segmentation. Pixels are counted over the whole data set (as PASCAL VOC and Cityscapes do), never averaged
/// image by image; pixels of value <see cref="LabelMap.Ignore"/> in the truth do not count.
/// </summary>
/// <param name="labels">The classes.</param>
public sealed class SegmentationEvaluator(LabelSpace labels)
{
    private readonly ConfusionMatrix confusion = new(labels.Count);
    private readonly int[] pairs = new int[256 * 256];

    /// <summary>Images added.</summary>
    public int Images { get; private set; }

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
        Array.Clear(pairs);
        var predicted = prediction.Values.AsSpan(0, truth.Values.Length);
        for (var i = 0; i < truth.Values.Length; i++)
            pairs[truth.Values[i] << 8 | predicted[i]]++;

        var own = new ConfusionMatrix(labels.Count);
        for (var pair = 0; pair < LabelMap.Ignore << 8; pair++)
        {
            if (pairs[pair] == 0)
                continue;
            own.Add(Class(pair >> 8, "true map", name), Class(pair & 255, "predicted map", name), pairs[pair]);
        }

        for (var i = 0; i < labels.Count; i++)
        {
            for (var j = 0; j < labels.Count; j++)
                confusion.Add(i, j, own[i, j]);
        }

        Images++;
        return own;
    }

    /// <summary>The figures over all images added.</summary>
    /// <exception cref="FoveaException">There are none, or none has a pixel with a class.</exception>
    public SegmentationResult Compute() => confusion.Total > 0
        ? new SegmentationResult(labels, confusion)
        : throw new FoveaException($"evaluation: found no pixel with a class in {Images} images, expected at least one");

    private int Class(int value, string map, string name) => value < labels.Count
        ? value
        : throw new FoveaException($"{name}: {map}: found value {value}, expected a class from 0 to {labels.Count - 1}{(map[0] == 't' ? $", or {LabelMap.Ignore} to ignore" : "")}");
}

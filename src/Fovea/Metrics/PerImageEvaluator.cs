namespace Fovea.Metrics;

/// <summary>
/// IoU and Dice image by image and then averaged, as medical challenges rank. These are other numbers than those of
/// <see cref="SegmentationEvaluator"/>, which counts the pixels of the whole data set.
/// </summary>
/// <param name="labels">The classes.</param>
/// <param name="bothEmpty">What becomes of classes that an image does not have.</param>
/// <param name="includeBackground">Whether the first class takes part.</param>
public sealed class PerImageEvaluator(LabelSpace labels, BothEmptyRule bothEmpty = BothEmptyRule.Skip, bool includeBackground = true)
{
    private readonly List<BinaryOverlap>[] images = [.. labels.Names.Select(static _ => new List<BinaryOverlap>())];

    /// <summary>Adds an image.</summary>
    /// <param name="own">The counts of its pixels, as <see cref="SegmentationEvaluator.Add"/> gives them.</param>
    /// <returns>Mean IoU and Dice over the classes that count in this image; NaN when none does.</returns>
    public (double IoU, double Dice) Add(ConfusionMatrix own)
    {
        var added = new List<BinaryOverlap>();
        for (var label = includeBackground ? 0 : 1; label < labels.Count; label++)
        {
            images[label].Add(own.Of(label));
            added.Add(own.Of(label));
        }

        return (Mean(added, static overlap => overlap.IoU), Mean(added, static overlap => overlap.Dice));
    }

    /// <summary>The figures over all images added.</summary>
    public PerImageResult Compute() => new(
        [.. Enumerable.Range(0, labels.Count).Skip(includeBackground ? 0 : 1).Select(label => new PerImageScore(
            labels[label], Mean(images[label], static overlap => overlap.IoU), Mean(images[label], static overlap => overlap.Dice), new EmptyCounts(
                images[label].Count(static overlap => double.IsNaN(overlap.IoU)), images[label].Count(static overlap => double.IsNaN(overlap.Sensitivity) != double.IsNaN(overlap.Precision)))))],
        bothEmpty);

    private double Mean(IReadOnlyList<BinaryOverlap> overlaps, Func<BinaryOverlap, double> figure)
    {
        var values = overlaps.Select(figure).Select(value => double.IsNaN(value) && bothEmpty == BothEmptyRule.Perfect ? 1 : value).Where(static value => !double.IsNaN(value));
        return values.DefaultIfEmpty(double.NaN).Average();
    }
}

/// <summary>One class, averaged over images.</summary>
/// <param name="Name">The class.</param>
/// <param name="IoU">Mean IoU; NaN when no image counts.</param>
/// <param name="Dice">Mean Dice; NaN when no image counts.</param>
/// <param name="Empty">Images where it was empty.</param>
public sealed record PerImageScore(string Name, double IoU, double Dice, EmptyCounts Empty);

/// <summary>The figures averaged over images for every class, then over classes.</summary>
public sealed class PerImageResult
{
    internal PerImageResult(IReadOnlyList<PerImageScore> perClass, BothEmptyRule bothEmpty)
    {
        PerClass = perClass;
        var known = perClass.Where(static score => !double.IsNaN(score.IoU)).ToList();
        Values = known.Count == 0 ? new Dictionary<string, double>() : new OrderedDictionary<string, double>(StringComparer.Ordinal)
        {
            ["iou_per_image"] = known.Average(static score => score.IoU),
            ["dice_per_image"] = known.Average(static score => score.Dice),
        };
        Notes =
        [
            .. perClass.Where(static score => score.Empty.Both > 0).Select(score =>
                $"per image: '{score.Name}' is in neither truth nor prediction of {Counted.Of(score.Empty.Both, "image")}, {(bothEmpty == BothEmptyRule.Skip ? "left out (both_empty: skip)" : "counted as 1 (both_empty: perfect)")}"),
            .. perClass.Where(static score => score.Empty.One > 0).Select(static score => $"per image: '{score.Name}' is in truth or prediction alone in {Counted.Of(score.Empty.One, "image")}, counted as 0"),
        ];
    }

    /// <summary>Figures by name: iou_per_image, dice_per_image; empty when no image counts.</summary>
    public IReadOnlyDictionary<string, double> Values { get; }

    /// <summary>The figures of every class.</summary>
    public IReadOnlyList<PerImageScore> PerClass { get; }

    /// <summary>What was done with empty classes.</summary>
    public IReadOnlyList<string> Notes { get; }
}

namespace Fovea.Metrics;

/// <summary>The figures of a COCO evaluation.</summary>
public sealed class CocoResult
{
    private static readonly string[] AreaNames = ["small", "medium", "large"];

    internal CocoResult(LabelSpace labels, CocoClass[] classes, CocoCurves?[,] curves, CocoOverlap overlap, int images)
    {
        var all = Enumerable.Range(0, classes.Length);
        var best1 = all.Select(index => classes[index].RecallOfBest(1)).ToList();
        var best10 = all.Select(index => classes[index].RecallOfBest(10)).ToList();
        IEnumerable<double> Precision(int area, int from = 0, int to = 10) =>
            all.SelectMany(index => curves[index, area]?.Precision[from..to].SelectMany(static values => values) ?? []);
        IEnumerable<double> Recall(int area, int from = 0, int to = 10) => all.SelectMany(index => curves[index, area]?.Recall[from..to] ?? []);
        static IEnumerable<double> Joined(IEnumerable<double[]?> values) => values.SelectMany(static value => value ?? []);
        var isKeypoints = overlap == CocoOverlap.Keypoints;
        Stats = isKeypoints
            ? [Mean(Precision(0)), Mean(Precision(0, 0, 1)), Mean(Precision(0, 5, 6)), Mean(Precision(2)), Mean(Precision(3)),
                Mean(Recall(0)), Mean(Recall(0, 0, 1)), Mean(Recall(0, 5, 6)), Mean(Recall(2)), Mean(Recall(3))]
            :
        [
            Mean(Precision(0)), Mean(Precision(0, 0, 1)), Mean(Precision(0, 5, 6)), Mean(Precision(1)), Mean(Precision(2)), Mean(Precision(3)),
            Mean(Joined(best1)), Mean(Joined(best10)), Mean(Recall(0)), Mean(Recall(1)), Mean(Recall(2)), Mean(Recall(3)),
        ];
        PerClass = [.. all.Select(index => new CocoScore(labels[index], classes[index].Objects[0], classes[index].Detections)
        {
            AveragePrecision = curves[index, 0] is { } curve ? Mean(curve.Precision.SelectMany(static values => values)) : null,
            AveragePrecision50 = curves[index, 0] is { } half ? Mean(half.Precision[0]) : null,
            AverageRecall = curves[index, 0] is { } found ? Mean(found.Recall) : null,
            Precision50 = curves[index, 0]?.Precision[0],
        })];
        string[] names = isKeypoints
            ? ["ap", "ap50", "ap75", "ap_medium", "ap_large", "ar20", "ar50", "ar75", "ar_medium", "ar_large"]
            : ["ap", "ap50", "ap75", "ap_small", "ap_medium", "ap_large", "ar1", "ar10", "ar100", "ar_small", "ar_medium", "ar_large"];
        Values = Named(overlap switch { CocoOverlap.Box => "box", CocoOverlap.Mask => "mask", _ => "keypoint" }, names);
        Notes = [.. Remarks(images, AreaNames.Where(area => names.Contains($"ap_{area}") && !Values.ContainsKey($"{Values.Keys.First()}_{area}")))];
    }

    /// <summary>
    /// The twelve figures in the reference's order: AP, AP50, AP75, AP of small, medium, large objects; AR with 1, 10 and 100
    /// detections, AR of small, medium, large objects. Of keypoints ten: AP, AP50, AP75, AP of medium and large objects, AR with 20
    /// detections, at 0.5, at 0.75, of medium and large objects. -1 where there is no object of that kind.
    /// </summary>
    public IReadOnlyList<double> Stats { get; }

    /// <summary>
    /// The figures by name: box_ap, box_ap50, box_ap75, box_ap_small, box_ap_medium, box_ap_large, box_ar1, box_ar10, box_ar100,
    /// box_ar_small, box_ar_medium, box_ar_large, or mask_..., or keypoint_ap, keypoint_ap50, keypoint_ap75, keypoint_ap_medium, keypoint_ap_large,
    /// keypoint_ar20, keypoint_ar50, keypoint_ar75, keypoint_ar_medium, keypoint_ar_large. Sizes of which there is no object are left out.
    /// </summary>
    public IReadOnlyDictionary<string, double> Values { get; }

    /// <summary>What the figures do not say.</summary>
    public IReadOnlyList<string> Notes { get; }

    /// <summary>The figures of every class.</summary>
    public IReadOnlyList<CocoScore> PerClass { get; }

    private static double Mean(IEnumerable<double> values)
    {
        var (sum, count) = (0.0, 0);
        foreach (var value in values)
        {
            sum += value;
            count++;
        }

        return count == 0 ? -1 : sum / count;
    }

    private Dictionary<string, double> Named(string prefix, string[] names)
    {
        var values = new Dictionary<string, double>();
        for (var i = 0; i < names.Length; i++)
        {
            if (Stats[i] >= 0)
                values[$"{prefix}_{names[i]}"] = Stats[i];
            else if (!names[i].Contains('_', StringComparison.Ordinal))
                values[$"{prefix}_{names[i]}"] = 0;
        }

        return values;
    }

    private IEnumerable<string> Remarks(int images, IEnumerable<string> absentAreas)
    {
        var objects = PerClass.Sum(static score => score.Objects);
        if (objects == 0)
            yield return $"{Counted.Of(images, "image holds", "images hold")} no object that counts (none at all, or only crowds): the figures are over nothing and given as 0";
        else if (PerClass.All(static score => score.Detections == 0))
            yield return $"nothing was detected in {Counted.Of(images, "image")} with {Counted.Of(objects, "object")}, so every figure is 0";
        foreach (var area in objects > 0 ? absentAreas : [])
            yield return $"no object is {area}: there is no figure for that size";

        var absent = PerClass.Where(static score => score.Objects == 0).ToList();
        if (objects > 0 && absent.Count > 0)
        {
            yield return $"{absent.Count} of {Counted.Of(PerClass.Count, "class")} {(absent.Count == 1 ? "has no object and is" : "have no object and are")} left out of the means: "
                + string.Join(", ", absent.Take(10).Select(static score => $"'{score.Name}'")) + (absent.Count > 10 ? " ..." : "");
        }

        var invented = absent.Sum(static score => score.Detections);
        if (objects > 0 && invented > 0)
            yield return $"{Counted.Of(invented, "detection is of a class without an object and counts", "detections are of classes without an object and count")} nowhere";
    }
}

/// <summary>The figures of one class; null where it has no object that counts.</summary>
/// <param name="Name">The class.</param>
/// <param name="Objects">Objects that count.</param>
/// <param name="Detections">Detections, at most 100 an image.</param>
public sealed record CocoScore(string Name, long Objects, int Detections)
{
    /// <summary>Mean precision over all recalls and overlaps from 0.5 to 0.95.</summary>
    public double? AveragePrecision { get; init; }

    /// <summary>Mean precision over all recalls at an overlap of 0.5.</summary>
    public double? AveragePrecision50 { get; init; }

    /// <summary>Mean recall over overlaps from 0.5 to 0.95, with 100 detections an image.</summary>
    public double? AverageRecall { get; init; }

    /// <summary>Precision at recall 0, 0.01 ... 1 and an overlap of 0.5.</summary>
    public IReadOnlyList<double>? Precision50 { get; init; }
}

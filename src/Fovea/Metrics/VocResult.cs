namespace Fovea.Metrics;

/// <summary>The figures of a detection by the rules of PASCAL VOC.</summary>
public sealed class VocResult
{
    internal VocResult(IReadOnlyList<VocScore> perClass, AveragePrecisionRule rule)
    {
        PerClass = perClass;
        var judged = perClass.Where(static score => score.AveragePrecision is not null).ToList();
        MeanAveragePrecision = judged.Count == 0 ? 0 : judged.Average(static score => score.AveragePrecision!.Value);
        Values = new Dictionary<string, double> { [rule == AveragePrecisionRule.Area ? "voc_ap" : "voc_ap_11"] = MeanAveragePrecision };
        Notes = [.. Remarks(perClass, judged)];
    }

    /// <summary>The figure by name: voc_ap, or voc_ap_11 for the eleven-point rule.</summary>
    public IReadOnlyDictionary<string, double> Values { get; }

    /// <summary>What the figure does not say.</summary>
    public IReadOnlyList<string> Notes { get; }

    /// <summary>The figures of every class.</summary>
    public IReadOnlyList<VocScore> PerClass { get; }

    /// <summary>Mean over the classes with at least one object that is not difficult; 0 when there is none.</summary>
    public double MeanAveragePrecision { get; }

    private static IEnumerable<string> Remarks(IReadOnlyList<VocScore> perClass, List<VocScore> judged)
    {
        if (judged.Count == 0)
            yield return "no image has an object to find: the mean is over nothing and given as 0";
        if (perClass.All(static score => score.Detections == 0))
            yield return "nothing was detected in any image, so every average precision is 0";
        foreach (var score in perClass.Where(static score => score.AveragePrecision is null))
            yield return $"'{score.Name}' has no object to find and is left out of the mean ({Counted.Of(score.Detections, "detection")})";
    }
}

/// <summary>The figures of one class.</summary>
/// <param name="Name">The class.</param>
/// <param name="Objects">Objects to find, without the difficult ones.</param>
/// <param name="Detections">Detections of this class.</param>
public sealed record VocScore(string Name, long Objects, int Detections)
{
    /// <summary>0 to 1; null for a class without an object to find.</summary>
    public double? AveragePrecision { get; init; }

    /// <summary>Recall after each detection that counts, best score first.</summary>
    public required IReadOnlyList<double> Recall { get; init; }

    /// <summary>Precision after each detection that counts, best score first.</summary>
    public required IReadOnlyList<double> Precision { get; init; }
}

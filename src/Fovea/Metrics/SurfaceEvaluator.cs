namespace Fovea.Metrics;

/// <summary>How the outlines of classes are compared.</summary>
public sealed record SurfaceOptions
{
    /// <summary>Height and width of a pixel; distances are in its unit.</summary>
    public (double Row, double Column) Spacing { get; init; } = (1, 1);

    /// <summary>Distance within which an outline is right, in the unit of the spacing; 0.75 % of the image's diagonal when null, as Csurka et al. 2013 take it.</summary>
    public double? Tolerance { get; init; }

    /// <summary>What becomes of classes that an image does not have.</summary>
    public BothEmptyRule BothEmpty { get; init; } = BothEmptyRule.Skip;

    /// <summary>What becomes of distances to nothing.</summary>
    public OneEmptyRule OneEmpty { get; init; } = OneEmptyRule.Diagonal;

    /// <summary>Whether the first class takes part.</summary>
    public bool IncludeBackground { get; init; } = true;
}

/// <summary>
/// Compares the outlines of every class image by image; see <see cref="SurfaceDistances"/>. Pixels of value
/// <see cref="LabelMap.Ignore"/> in the truth belong to no class in either map.
/// </summary>
/// <param name="labels">The classes.</param>
/// <param name="options">How; the defaults when null.</param>
public sealed class SurfaceEvaluator(LabelSpace labels, SurfaceOptions? options = null)
{
    private readonly SurfaceOptions options = options ?? new SurfaceOptions();
    private readonly List<SurfaceFigures?>[] figures = [.. labels.Names.Select(static _ => new List<SurfaceFigures?>())];
    private readonly EmptyCounts[] empty = new EmptyCounts[labels.Count];

    /// <summary>Adds an image.</summary>
    /// <param name="truth">Its true classes.</param>
    /// <param name="prediction">The predicted classes.</param>
    /// <param name="name">Name of the image, for messages.</param>
    /// <returns>The means over the classes that count in this image; null when none does.</returns>
    /// <exception cref="FoveaException">The sizes differ.</exception>
    public SurfaceFigures? Add(LabelMap truth, LabelMap prediction, string name = "image")
    {
        if (truth.Size != prediction.Size)
            throw new FoveaException($"{name}: found a predicted map of {prediction.Size}, expected {truth.Size}, the size of the true one");
        var own = new SurfaceFigures?[labels.Count];
        var first = options.IncludeBackground ? 0 : 1;
        Parallel.For(first, labels.Count, label => own[label] = Compare(truth, prediction, label));
        for (var label = first; label < own.Length; label++)
            figures[label].Add(own[label]);
        var counted = own.OfType<SurfaceFigures>().ToList();
        return counted.Count == 0 ? null : SurfaceFigures.Mean(counted);
    }

    /// <summary>The figures over all images added.</summary>
    public SurfaceResult Compute() => new(
        [.. Enumerable.Range(0, labels.Count).Skip(options.IncludeBackground ? 0 : 1).Select(label => new SurfaceScore(
            labels[label], figures[label].Count(static f => f is not null), empty[label],
            figures[label].OfType<SurfaceFigures>().ToList() is { Count: > 0 } known ? SurfaceFigures.Mean(known) : null))], options);

    private SurfaceFigures? Compare(LabelMap truth, LabelMap prediction, int label)
    {
        var (a, b) = (new byte[truth.Values.Length], new byte[truth.Values.Length]);
        for (var i = 0; i < a.Length; i++)
        {
            a[i] = truth.Values[i] == label ? (byte)1 : (byte)0;
            b[i] = prediction.Values[i] == label && truth.Values[i] != LabelMap.Ignore ? (byte)1 : (byte)0;
        }

        var distances = SurfaceDistances.Of(a, b, truth.Size, options.Spacing);
        var diagonal = double.Hypot(truth.Size.Height * options.Spacing.Row, truth.Size.Width * options.Spacing.Column);
        if (distances.BothEmpty)
        {
            empty[label] = empty[label] with { Both = empty[label].Both + 1 };
            return options.BothEmpty == BothEmptyRule.Perfect ? SurfaceFigures.AllAt(0, 1) : null;
        }

        if (!distances.OneEmpty)
            return SurfaceFigures.Of(distances, options.Tolerance ?? 0.0075 * diagonal);
        empty[label] = empty[label] with { One = empty[label].One + 1 };
        return options.OneEmpty == OneEmptyRule.Diagonal ? SurfaceFigures.AllAt(diagonal, 0) : null;
    }
}

/// <summary>Figures of outlines; distances in the unit of the spacing.</summary>
/// <param name="Hausdorff">The greatest distance.</param>
/// <param name="Hausdorff95">The greater of the two directions' 95th percentiles.</param>
/// <param name="Hausdorff95Pooled">The 95th percentile of both directions together.</param>
/// <param name="Average">Mean distance from prediction to truth.</param>
/// <param name="AverageSymmetric">Mean distance of both directions together.</param>
/// <param name="AverageOfMeans">Mean of the two directions' means.</param>
/// <param name="BoundaryF1">Harmonic mean of the shares of the outlines within the tolerance, 0 to 1.</param>
public sealed record SurfaceFigures(
    double Hausdorff, double Hausdorff95, double Hausdorff95Pooled, double Average, double AverageSymmetric, double AverageOfMeans, double BoundaryF1)
{
    internal static SurfaceFigures Of(SurfaceDistances distances, double tolerance) => new(
        distances.Hausdorff, distances.Hausdorff95, distances.Hausdorff95Pooled, distances.Average, distances.AverageSymmetric, distances.AverageOfMeans, distances.BoundaryF1(tolerance));

    internal static SurfaceFigures AllAt(double distance, double boundaryF1) => new(distance, distance, distance, distance, distance, distance, boundaryF1);

    internal static SurfaceFigures Mean(IReadOnlyList<SurfaceFigures> of) => new(
        of.Average(static f => f.Hausdorff), of.Average(static f => f.Hausdorff95), of.Average(static f => f.Hausdorff95Pooled), of.Average(static f => f.Average),
        of.Average(static f => f.AverageSymmetric), of.Average(static f => f.AverageOfMeans), of.Average(static f => f.BoundaryF1));
}

/// <summary>The outlines of one class.</summary>
/// <param name="Name">The class.</param>
/// <param name="Images">Images that count.</param>
/// <param name="Empty">Images where it was empty.</param>
/// <param name="Mean">Means over the images that count; null when none does.</param>
public sealed record SurfaceScore(string Name, int Images, EmptyCounts Empty, SurfaceFigures? Mean);

/// <summary>The figures of outlines over a data set: means over images for every class, then over classes.</summary>
public sealed class SurfaceResult
{
    internal SurfaceResult(IReadOnlyList<SurfaceScore> perClass, SurfaceOptions options)
    {
        PerClass = perClass;
        var known = perClass.Select(static score => score.Mean).OfType<SurfaceFigures>().ToList();
        Values = known.Count == 0 ? new Dictionary<string, double>() : Named(SurfaceFigures.Mean(known));
        Notes = [.. Remarks(options, known.Count)];
    }

    /// <summary>Figures by name: boundary_f1, hd, hd95, hd95_pooled, asd, assd, assd_mean; empty when no image counts.</summary>
    public IReadOnlyDictionary<string, double> Values { get; }

    /// <summary>The figures of every class.</summary>
    public IReadOnlyList<SurfaceScore> PerClass { get; }

    /// <summary>Units, and what was done with empty classes.</summary>
    public IReadOnlyList<string> Notes { get; }

    private static OrderedDictionary<string, double> Named(SurfaceFigures mean) => new(StringComparer.Ordinal)
    {
        ["boundary_f1"] = mean.BoundaryF1,
        ["hd"] = mean.Hausdorff,
        ["hd95"] = mean.Hausdorff95,
        ["hd95_pooled"] = mean.Hausdorff95Pooled,
        ["asd"] = mean.Average,
        ["assd"] = mean.AverageSymmetric,
        ["assd_mean"] = mean.AverageOfMeans,
    };

    private IEnumerable<string> Remarks(SurfaceOptions options, int known)
    {
        var unit = options.Spacing == (1, 1) ? "pixels" : FormattableString.Invariant($"the unit of the spacing {options.Spacing.Row} x {options.Spacing.Column}");
        var tolerance = options.Tolerance is { } given ? FormattableString.Invariant($"{given}") : "0.75 % of the diagonal";
        yield return $"outlines: distances in {unit}, boundary_f1 within {tolerance}; means over images, then over {(options.IncludeBackground ? "all classes" : "all classes but the first")}";
        if (known == 0)
            yield return "outlines: no image has a class in truth and prediction: there are no figures";
        foreach (var score in PerClass.Where(static score => score.Empty.Both > 0))
            yield return $"outlines: '{score.Name}' is in neither truth nor prediction of {Counted.Of(score.Empty.Both, "image")}, {(options.BothEmpty == BothEmptyRule.Skip ? "left out (both_empty: skip)" : "counted as perfect (both_empty: perfect)")}";
        foreach (var score in PerClass.Where(static score => score.Empty.One > 0))
            yield return $"outlines: '{score.Name}' is in truth or prediction alone in {Counted.Of(score.Empty.One, "image")}, {(options.OneEmpty == OneEmptyRule.Skip ? "left out (one_empty: skip)" : "whose distances count as the diagonal (one_empty: diagonal)")}";
    }
}

namespace Fovea.Metrics;

/// <summary>
/// How far the outlines of two masks lie apart. The outline is every pixel of a mask with a pixel outside it above, below,
/// left or right, or at the edge of the picture; distances are from pixel centre to the nearest pixel centre of the other
/// outline, exact, in the unit of the spacing.
/// </summary>
public sealed class SurfaceDistances
{
    private SurfaceDistances(double[] toTruth, double[] toPrediction) => (ToTruth, ToPrediction) = (toTruth, toPrediction);

    /// <summary>For each pixel of the prediction's outline the distance to the truth's, rising. Infinite when the truth is empty.</summary>
    public IReadOnlyList<double> ToTruth { get; }

    /// <summary>For each pixel of the truth's outline the distance to the prediction's, rising. Infinite when the prediction is empty.</summary>
    public IReadOnlyList<double> ToPrediction { get; }

    /// <summary>Whether both masks are empty: every figure is then NaN.</summary>
    public bool BothEmpty => ToTruth.Count == 0 && ToPrediction.Count == 0;

    /// <summary>Whether one mask is empty and the other is not: distances are then infinite and the boundary F1 is 0.</summary>
    public bool OneEmpty => ToTruth.Count == 0 != (ToPrediction.Count == 0);

    /// <summary>The Hausdorff distance: the greatest distance of either direction.</summary>
    public double Hausdorff => Math.Max(At(ToTruth, 1), At(ToPrediction, 1));

    /// <summary>The greater of the 95th percentiles of the two directions, as MONAI and DeepMind's surface-distance take it.</summary>
    public double Hausdorff95 => Math.Max(At(ToTruth, 0.95), At(ToPrediction, 0.95));

    /// <summary>The 95th percentile of the distances of both directions together, as medpy takes it.</summary>
    public double Hausdorff95Pooled => BothEmpty ? double.NaN : OneEmpty ? double.PositiveInfinity : Percentile.Of([.. ToTruth.Concat(ToPrediction).Order()], 0.95);

    /// <summary>Mean distance from the prediction's outline to the truth's (ASD).</summary>
    public double Average => Mean(ToTruth);

    /// <summary>Mean of the distances of both directions together (ASSD, pooled): the longer outline counts more.</summary>
    public double AverageSymmetric => BothEmpty ? double.NaN : OneEmpty ? double.PositiveInfinity : (ToTruth.Sum() + ToPrediction.Sum()) / (ToTruth.Count + ToPrediction.Count);

    /// <summary>Mean of the two directions' means: both outlines count the same.</summary>
    public double AverageOfMeans => (Mean(ToTruth) + Mean(ToPrediction)) / 2;

    /// <summary>Measures two masks.</summary>
    /// <param name="truth">H times W values, 0 for outside, anything else for inside.</param>
    /// <param name="prediction">The same, of the same size.</param>
    /// <param name="size">Size of the masks.</param>
    /// <param name="spacing">Height and width of a pixel; 1 and 1 when null, and distances are then in pixels.</param>
    /// <exception cref="ArgumentException">A length does not match the size, or a spacing is not above 0.</exception>
    public static SurfaceDistances Of(ReadOnlySpan<byte> truth, ReadOnlySpan<byte> prediction, ImageSize size, (double Row, double Column)? spacing = null)
    {
        if (truth.Length != size.Height * size.Width || prediction.Length != truth.Length)
            throw new ArgumentException($"found masks of {truth.Length} and {prediction.Length} pixels, expected {size.Height * size.Width} for {size}", nameof(truth));
        var (row, column) = spacing ?? (1, 1);
        if (!(row > 0 && column > 0))
            throw new ArgumentException($"found a spacing of {row} by {column}, expected numbers above 0", nameof(spacing));
        var (a, b) = (Outline.Of(truth, size), Outline.Of(prediction, size));
        double[] toTruth = [], toPrediction = [];
        Parallel.Invoke(() => toTruth = a.DistancesFrom(b, row, column), () => toPrediction = b.DistancesFrom(a, row, column));
        return new SurfaceDistances(toTruth, toPrediction);
    }

    /// <summary>
    /// Boundary F1 (Csurka et al., "What is a good evaluation measure for semantic segmentation?", 2013): the harmonic mean of
    /// the shares of either outline that lie within a distance of the other.
    /// </summary>
    /// <param name="tolerance">The distance, inclusive, in the unit of the spacing.</param>
    /// <returns>0 to 1; 0 when one mask is empty, NaN when both are.</returns>
    public double BoundaryF1(double tolerance)
    {
        if (BothEmpty)
            return double.NaN;
        var (precision, recall) = (Within(ToTruth, tolerance), Within(ToPrediction, tolerance));
        return precision + recall == 0 ? 0 : 2 * precision * recall / (precision + recall);
    }

    private double At(IReadOnlyList<double> distances, double share) => BothEmpty ? double.NaN : OneEmpty ? double.PositiveInfinity : Percentile.Of((double[])distances, share);

    private double Mean(IReadOnlyList<double> distances) => BothEmpty ? double.NaN : OneEmpty ? double.PositiveInfinity : distances.Average();

    private static double Within(IReadOnlyList<double> distances, double tolerance) => distances.Count == 0 ? 0 : (double)distances.Count(distance => distance <= tolerance) / distances.Count;
}

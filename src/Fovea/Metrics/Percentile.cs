namespace Fovea.Metrics;

/// <summary>Percentiles with linear interpolation between neighbours, as NumPy's default.</summary>
internal static class Percentile
{
    /// <summary>The value below which a share of the values lies.</summary>
    /// <param name="sorted">The values, rising; at least one.</param>
    /// <param name="share">0 to 1.</param>
    public static double Of(ReadOnlySpan<double> sorted, double share)
    {
        var place = share * (sorted.Length - 1);
        var below = (int)place;
        var above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] == sorted[above] ? sorted[below] : sorted[below] + (place - below) * (sorted[above] - sorted[below]);
    }
}

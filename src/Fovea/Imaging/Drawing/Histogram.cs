namespace Fovea.Imaging.Drawing;

/// <summary>How often values fall between edges: box areas, aspect ratios, brightness.</summary>
public sealed record Histogram
{
    /// <summary>Edges of the bins, rising; one more than <see cref="Counts"/>.</summary>
    public required IReadOnlyList<double> Edges { get; init; }

    /// <summary>What each bin holds; 0 or more.</summary>
    public required IReadOnlyList<double> Counts { get; init; }

    /// <summary>Written above, or null.</summary>
    public string? Title { get; init; }

    /// <summary>What is measured, or null.</summary>
    public string? XLabel { get; init; }

    /// <summary>What is counted, or null.</summary>
    public string? YLabel { get; init; }

    /// <summary>Colour of the bars; blue when null.</summary>
    public Colour? Colour { get; init; }

    /// <summary>Counts values in bins of equal width.</summary>
    /// <param name="values">The values; those that are no finite numbers are left out.</param>
    /// <param name="bins">Number of bins, at least 1.</param>
    public static Histogram Of(IEnumerable<double> values, int bins = 20)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bins, 1);
        var finite = values.Where(double.IsFinite).ToList();
        var (low, high) = finite.Count == 0 ? (0, 1) : (finite.Min(), finite.Max());
        if (high == low)
            (low, high) = (low - 0.5, high + 0.5);
        var counts = new double[bins];
        foreach (var value in finite)
            counts[Math.Min(bins - 1, (int)((value - low) / (high - low) * bins))]++;
        return new Histogram { Edges = [.. Enumerable.Range(0, bins + 1).Select(i => low + (high - low) * i / bins)], Counts = counts };
    }

    /// <summary>Draws the histogram.</summary>
    /// <param name="width">Width in pixels.</param>
    /// <param name="height">Height in pixels.</param>
    /// <exception cref="ArgumentException">There is not one edge more than counts.</exception>
    public SvgCanvas Draw(double width = 640, double height = 300)
    {
        if (Edges.Count != Counts.Count + 1 || Counts.Count == 0)
            throw new ArgumentException($"found {Edges.Count} edges for {Counts.Count} counts, expected one edge more than counts");
        var frame = new ChartFrame(width, height, Title, XLabel, YLabel, AxisScale.Fit(Edges, about: 8, tight: true), AxisScale.Fit(Counts, fromZero: true), []);
        for (var i = 0; i < Counts.Count; i++)
        {
            if (frame.At(Edges[i], Counts[i]) is { } topLeft && frame.At(Edges[i + 1], 0) is { } bottomRight)
                frame.Canvas.Rectangle(topLeft.X + 0.5, topLeft.Y, bottomRight.X - topLeft.X - 1, bottomRight.Y - topLeft.Y, Colour ?? Palette.Line(0));
        }

        return frame.Canvas;
    }
}

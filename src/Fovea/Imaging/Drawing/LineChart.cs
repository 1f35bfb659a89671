namespace Fovea.Imaging.Drawing;

/// <summary>A line of a <see cref="LineChart"/>.</summary>
/// <param name="Name">What the legend says.</param>
/// <param name="Points">Its points in the order they are joined; one that is no finite number leaves a gap.</param>
public sealed record ChartSeries(string Name, IReadOnlyList<(double X, double Y)> Points)
{
    /// <summary>Whether the line is dashed, as for a validation curve beside its training curve.</summary>
    public bool IsDashed { get; init; }

    /// <summary>Its colour; null takes the next of the palette.</summary>
    public Colour? Colour { get; init; }
}

/// <summary>Curves over a common axis: losses, metrics, precision over recall.</summary>
public sealed record LineChart
{
    private const int MostMarkedPoints = 15;

    /// <summary>The curves.</summary>
    public required IReadOnlyList<ChartSeries> Series { get; init; }

    /// <summary>Written above, or null.</summary>
    public string? Title { get; init; }

    /// <summary>What the horizontal axis measures, or null.</summary>
    public string? XLabel { get; init; }

    /// <summary>What the vertical axis measures, or null.</summary>
    public string? YLabel { get; init; }

    /// <summary>Whether the vertical axis is logarithmic; values of 0 and below are then left out.</summary>
    public bool IsLogarithmic { get; init; }

    /// <summary>Values at the ends of the vertical axis, or null to fit them.</summary>
    public (double Low, double High)? YRange { get; init; }

    /// <summary>Draws the chart.</summary>
    /// <param name="width">Width in pixels.</param>
    /// <param name="height">Height in pixels.</param>
    public SvgCanvas Draw(double width = 640, double height = 360)
    {
        var colours = Series.Select(static (series, index) => series.Colour ?? Palette.Line(index)).ToList();
        var x = AxisScale.Fit(Series.SelectMany(static series => series.Points).Select(static p => p.X), about: 8, tight: true);
        var heights = YRange is { } range ? [range.Low, range.High] : Series.SelectMany(static series => series.Points).Select(static p => p.Y);
        var y = AxisScale.Fit(heights, IsLogarithmic);
        var legend = Series.Count > 1 ? Series.Select((series, index) => (colours[index], series.Name)).ToList() : [];
        var frame = new ChartFrame(width, height, Title, XLabel, YLabel ?? (Series.Count == 1 ? Series[0].Name : null), x, y, legend);
        // Curves may leave a given range, but not the chart.
        var area = new SvgCanvas(frame.Right - frame.Left + 8, frame.Bottom - frame.Top + 8);
        for (var i = 0; i < Series.Count; i++)
            DrawSeries(area, frame, Series[i], colours[i]);
        frame.Canvas.Place(area, frame.Left - 4, frame.Top - 4);
        return frame.Canvas;
    }

    private static void DrawSeries(SvgCanvas area, ChartFrame frame, ChartSeries series, Colour colour)
    {
        var stretch = new List<(double X, double Y)>();
        foreach (var (pointX, pointY) in series.Points)
        {
            if (frame.At(pointX, pointY) is { } at)
            {
                stretch.Add((at.X - frame.Left + 4, at.Y - frame.Top + 4));
                continue;
            }

            DrawStretch(area, stretch, series, colour);
            stretch.Clear();
        }

        DrawStretch(area, stretch, series, colour);
    }

    private static void DrawStretch(SvgCanvas area, List<(double X, double Y)> points, ChartSeries series, Colour colour)
    {
        if (points.Count > 1)
            area.Polyline(points, colour, 2, dash: series.IsDashed ? "6 4" : null);
        if (points.Count > 1 && series.Points.Count > MostMarkedPoints)
            return;
        foreach (var (x, y) in points)
            area.Circle(x, y, 3, colour);
    }
}

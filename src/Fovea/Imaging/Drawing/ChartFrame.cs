namespace Fovea.Imaging.Drawing;

/// <summary>Title, axes, grid and numbers around the area where a chart draws.</summary>
internal sealed class ChartFrame
{
    public const double FontSize = 12, TitleSize = 15;
    private const double Margin = 12;

    private readonly AxisScale x, y;

    public ChartFrame(double width, double height, string? title, string? xLabel, string? yLabel, AxisScale x, AxisScale y, IReadOnlyList<(Colour, string)> series)
    {
        (this.x, this.y) = (x, y);
        Canvas = new SvgCanvas(width, height);
        var legend = new Legend(series, FontSize, width - 2 * Margin);
        Left = Margin + y.Ticks.Max(tick => TextWidth.Of(AxisScale.Format(tick), FontSize)) + 8 + (yLabel is null ? 0 : FontSize * 1.6);
        Top = Margin + (title is null ? 0 : TitleSize * 1.6) + (legend.Height > 0 ? legend.Height + 4 : 0) + FontSize * 0.5;
        Right = width - Margin - TextWidth.Of(AxisScale.Format(x.Ticks.Count > 0 ? x.Ticks[^1] : 0), FontSize) / 2;
        Bottom = height - Margin - FontSize * 1.5 - (xLabel is null ? 0 : FontSize * 1.6);
        if (Right - Left < 20 || Bottom - Top < 20)
            throw new ArgumentException($"found a chart of {width} by {height} pixels, expected more room for its axes and legend");

        if (title is not null)
            Canvas.Text(Margin, Margin + TitleSize, TextWidth.Fit(title, TitleSize, width - 2 * Margin, bold: true), TitleSize, bold: true);
        legend.Draw(Canvas, Margin, Margin + (title is null ? 0 : TitleSize * 1.6));
        DrawGrid();
        if (xLabel is not null)
            Canvas.Text((Left + Right) / 2, height - Margin, TextWidth.Fit(xLabel, FontSize, Right - Left), FontSize, anchor: TextAnchor.Middle);
        if (yLabel is not null)
            Canvas.Text(Margin + FontSize * 0.8, (Top + Bottom) / 2, TextWidth.Fit(yLabel, FontSize, Bottom - Top), FontSize, anchor: TextAnchor.Middle, rotate: -90);
    }

    public SvgCanvas Canvas { get; }

    public double Left { get; }

    public double Top { get; }

    public double Right { get; }

    public double Bottom { get; }

    /// <summary>Where a point lies on the drawing; null when an axis cannot show it.</summary>
    public (double X, double Y)? At(double valueX, double valueY) =>
        x.At(valueX) is { } across && y.At(valueY) is { } up ? (Left + across * (Right - Left), Bottom - up * (Bottom - Top)) : null;

    private void DrawGrid()
    {
        foreach (var tick in y.Ticks)
        {
            if (y.At(tick) is not { } up)
                continue;
            var at = Bottom - up * (Bottom - Top);
            Canvas.Line(Left, at, Right, at, Colour.Rule);
            Canvas.Text(Left - 6, at + FontSize * 0.35, AxisScale.Format(tick), FontSize, anchor: TextAnchor.End);
        }

        var lastEnd = double.MinValue;
        foreach (var tick in x.Ticks)
        {
            if (x.At(tick) is not { } across)
                continue;
            var at = Left + across * (Right - Left);
            var text = AxisScale.Format(tick);
            var half = TextWidth.Of(text, FontSize) / 2;
            Canvas.Line(at, Top, at, Bottom, Colour.Rule);
            if (at - half < lastEnd + 4)
                continue;
            lastEnd = at + half;
            Canvas.Text(at, Bottom + FontSize * 1.4, text, FontSize, anchor: TextAnchor.Middle);
        }

        Canvas.Line(Left, Bottom, Right, Bottom, Colour.Ink);
        Canvas.Line(Left, Top, Left, Bottom, Colour.Ink);
    }
}

namespace Fovea.Imaging.Drawing;

/// <summary>How often answers are right beside how sure they were: bars on the diagonal are what a calibrated network has.</summary>
public sealed record ReliabilityDiagram
{
    /// <summary>The bins from left to right: their ends on the scale of probabilities, how much they hold, and the share that is right (null when they hold nothing).</summary>
    public required IReadOnlyList<(double Low, double High, double Count, double? Accuracy)> Bins { get; init; }

    /// <summary>Written above, or null.</summary>
    public string? Title { get; init; }

    /// <summary>Draws the diagram; the paler a bar, the less its bin holds.</summary>
    /// <param name="width">Width in pixels.</param>
    /// <param name="height">Height in pixels.</param>
    public SvgCanvas Draw(double width = 480, double height = 400)
    {
        var unit = AxisScale.Fit([0, 1], tight: true);
        var (right, gap) = (Palette.Line(0), Palette.Line(3));
        var frame = new ChartFrame(width, height, Title, "probability of what was answered", "share that was right", unit, unit, [(right, "share right"), (gap, "gap to the diagonal")]);
        var greatest = Bins.Select(static bin => bin.Count).DefaultIfEmpty(1).Max();
        foreach (var bin in Bins)
        {
            if (bin.Accuracy is not { } accuracy)
                continue;
            var expected = (bin.Low + bin.High) / 2;
            // A bin of few images says little, but must be seen.
            var strength = 0.3 + 0.7 * Math.Sqrt(bin.Count / greatest);
            Bar(frame, bin.Low, bin.High, 0, accuracy, right, strength);
            Bar(frame, bin.Low, bin.High, Math.Min(accuracy, expected), Math.Max(accuracy, expected), gap, 0.45 * strength);
        }

        if (frame.At(0, 0) is { } from && frame.At(1, 1) is { } to)
            frame.Canvas.Polyline([from, to], Colour.Ink, 1.5, dash: "6 4");
        return frame.Canvas;
    }

    private static void Bar(ChartFrame frame, double left, double right, double low, double high, Colour colour, double opacity)
    {
        if (frame.At(left, high) is { } topLeft && frame.At(right, low) is { } bottomRight)
            frame.Canvas.Rectangle(topLeft.X + 1, topLeft.Y, bottomRight.X - topLeft.X - 2, bottomRight.Y - topLeft.Y, colour, opacity: opacity);
    }
}

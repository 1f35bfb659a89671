namespace Fovea.Imaging.Drawing;

/// <summary>Finds places for labels at boxes: never outside the picture, and clear of labels already there where that is possible.</summary>
internal sealed class LabelPlacer(double width, double height)
{
    private readonly List<(double X, double Y, double Width, double Height)> placed = [];

    /// <summary>The best place, or null when every place is taken and the label may be left out.</summary>
    public (double X, double Y)? Place(double left, double top, double right, double bottom, double labelWidth, double labelHeight, bool mayOmit)
    {
        ReadOnlySpan<(double X, double Y)> wishes =
        [
            (left, top - labelHeight), (left, top), (left, bottom), (left, bottom - labelHeight),
            (right - labelWidth, top - labelHeight), (right - labelWidth, bottom), (right, top), (left - labelWidth, top),
        ];
        var (best, least, hidden) = ((X: 0.0, Y: 0.0), double.MaxValue, 0.0);
        foreach (var (wishX, wishY) in wishes)
        {
            var x = Math.Clamp(wishX, 0, Math.Max(0, width - labelWidth));
            var y = Math.Clamp(wishY, 0, Math.Max(0, height - labelHeight));
            // A label pushed back into the picture no longer stands at its box: that costs.
            var cost = Math.Abs(x - wishX) * 0.1 * labelHeight + Math.Abs(y - wishY) * labelWidth;
            // So does covering the object itself, a little.
            cost += 0.25 * Overlap(x, x + labelWidth, left, right) * Overlap(y, y + labelHeight, top, bottom);
            var taken = 0.0;
            foreach (var other in placed)
                taken += Overlap(x, x + labelWidth, other.X, other.X + other.Width) * Overlap(y, y + labelHeight, other.Y, other.Y + other.Height);
            if (cost + 4 * taken < least - 1e-9)
                (best, least, hidden) = ((x, y), cost + 4 * taken, taken);
        }

        if (mayOmit && hidden > 0.3 * labelWidth * labelHeight)
            return null;
        placed.Add((best.X, best.Y, labelWidth, labelHeight));
        return best;
    }

    private static double Overlap(double a1, double a2, double b1, double b2) => Math.Max(0, Math.Min(a2, b2) - Math.Max(a1, b1));
}

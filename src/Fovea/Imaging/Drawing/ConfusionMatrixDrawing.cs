using System.Globalization;

namespace Fovea.Imaging.Drawing;

/// <summary>Draws how often each true class was taken for each class.</summary>
public static class ConfusionMatrixDrawing
{
    private const double Margin = 12, TitleSize = 15;

    /// <summary>Draws a confusion matrix; the darkness of a cell is its share of its row.</summary>
    /// <param name="counts">[true class, predicted class].</param>
    /// <param name="names">One name for each class.</param>
    /// <param name="title">Written above, or null.</param>
    /// <exception cref="ArgumentException">The matrix is not square or the names are of another number.</exception>
    public static SvgCanvas Draw(long[,] counts, IReadOnlyList<string> names, string? title = null)
    {
        var n = names.Count;
        if (counts.GetLength(0) != n || counts.GetLength(1) != n || n == 0)
            throw new ArgumentException($"found a matrix of {counts.GetLength(0)}x{counts.GetLength(1)} for {n} names, expected one row and one column for each name");
        var cell = Math.Clamp(560.0 / n, 9, 64);
        var font = Math.Clamp(cell * 0.6, 8, 13);
        var room = Math.Min(180, names.Max(name => TextWidth.Of(name, font)));
        var top = Margin + (title is null ? 0 : TitleSize * 1.8) + room + font * 2.4;
        var left = Margin + room + font * 2.4;
        var width = Math.Max(left + n * cell + Margin, title is null ? 0 : TextWidth.Of(title, TitleSize, bold: true) + 2 * Margin);
        var canvas = new SvgCanvas(width, top + n * cell + Margin);
        if (title is not null)
            canvas.Text(Margin, Margin + TitleSize, title, TitleSize, bold: true);
        canvas.Text(left + n * cell / 2, top - room - font * 1.2, "predicted", font, anchor: TextAnchor.Middle);
        canvas.Text(Margin + font, top + n * cell / 2, "true", font, anchor: TextAnchor.Middle, rotate: -90);
        var map = ColourMap.Towards(new Colour(0, 70, 130));
        for (var row = 0; row < n; row++)
        {
            var name = TextWidth.Fit(names[row], font, room);
            canvas.Text(left - 6, top + (row + 0.5) * cell + font * 0.35, name, font, anchor: TextAnchor.End);
            canvas.Text(left + (row + 0.5) * cell + font * 0.35, top - 6, name, font, rotate: -90);
            DrawRow(canvas, counts, row, left, top + row * cell, cell, map);
        }

        canvas.Rectangle(left, top, n * cell, n * cell, null, Colour.Ink);
        return canvas;
    }

    private static void DrawRow(SvgCanvas canvas, long[,] counts, int row, double left, double y, double cell, ColourMap map)
    {
        var n = counts.GetLength(1);
        long total = 0;
        for (var column = 0; column < n; column++)
            total += counts[row, column];
        for (var column = 0; column < n; column++)
        {
            var count = counts[row, column];
            var colour = map.At(total == 0 ? 0 : (double)count / total);
            canvas.Rectangle(left + column * cell, y, cell, cell, colour, Colour.Rule, 0.5);
            var text = count.ToString("#,0", CultureInfo.InvariantCulture);
            var size = Math.Min(13, cell * 0.85 / Math.Max(1.2, TextWidth.Of(text, 1)));
            if (count > 0 && size >= 6)
                canvas.Text(left + (column + 0.5) * cell, y + cell / 2 + size * 0.35, text, size, colour.Contrast, TextAnchor.Middle);
        }
    }
}

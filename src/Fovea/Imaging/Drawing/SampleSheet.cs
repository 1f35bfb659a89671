namespace Fovea.Imaging.Drawing;

/// <summary>Lays drawings out in a grid, each with a caption.</summary>
public static class SampleSheet
{
    private const double Gap = 14, CaptionSize = 13, TitleSize = 20;

    /// <summary>Draws a sheet.</summary>
    /// <param name="cells">The drawings and what is written below each; a caption may have several lines.</param>
    /// <param name="columns">Cells in a row; null takes about a square.</param>
    /// <param name="cellSize">Width, and greatest height, of a drawing in pixels.</param>
    /// <param name="title">Written above, or null.</param>
    public static SvgCanvas Draw(IReadOnlyList<(SvgCanvas Drawing, string Caption)> cells, int? columns = null, double cellSize = 280, string? title = null)
    {
        var across = Math.Max(1, columns ?? (int)Math.Ceiling(Math.Sqrt(cells.Count)));
        var rows = cells.Chunk(across).Select(row => new Row(row, cellSize)).ToList();
        var top = title is null ? Gap : Gap * 2 + TitleSize;
        var width = Gap + Math.Min(across, Math.Max(1, cells.Count)) * (cellSize + Gap);
        var canvas = new SvgCanvas(width, top + rows.Sum(static row => row.Height + Gap) + (rows.Count == 0 ? cellSize : 0));
        if (title is not null)
            canvas.Text(Gap, Gap + TitleSize, TextWidth.Fit(title, TitleSize, width - 2 * Gap, bold: true), TitleSize, bold: true);
        foreach (var row in rows)
        {
            row.Draw(canvas, top);
            top += row.Height + Gap;
        }

        return canvas;
    }

    private sealed class Row((SvgCanvas Drawing, string Caption)[] cells, double cellSize)
    {
        private readonly double pictures = cells.Max(cell => cell.Drawing.Height * Scale(cell.Drawing, cellSize));

        public double Height => pictures + cells.Max(static cell => Lines(cell.Caption).Length) * CaptionSize * 1.35 + 4;

        public void Draw(SvgCanvas canvas, double top)
        {
            for (var i = 0; i < cells.Length; i++)
            {
                var (drawing, caption) = cells[i];
                var scale = Scale(drawing, cellSize);
                var left = Gap + i * (cellSize + Gap);
                canvas.Place(drawing, left + (cellSize - drawing.Width * scale) / 2, top + pictures - drawing.Height * scale, scale);
                var y = top + pictures + CaptionSize * 1.25;
                foreach (var line in Lines(caption))
                {
                    canvas.Text(left + cellSize / 2, y, TextWidth.Fit(line, CaptionSize, cellSize), CaptionSize, anchor: TextAnchor.Middle);
                    y += CaptionSize * 1.35;
                }
            }
        }

        private static double Scale(SvgCanvas drawing, double cellSize) => Math.Min(cellSize / drawing.Width, cellSize / drawing.Height);

        private static string[] Lines(string caption) => caption.Split('\n');
    }
}

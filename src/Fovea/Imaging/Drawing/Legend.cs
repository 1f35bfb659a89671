namespace Fovea.Imaging.Drawing;

/// <summary>Coloured squares with names, in as many lines as the width demands.</summary>
internal sealed class Legend
{
    private readonly List<(Colour Colour, string Text, double X, int Line)> entries = [];
    private readonly double size;

    public Legend(IEnumerable<(Colour Colour, string Text)> items, double size, double width)
    {
        this.size = size;
        var (x, line) = (0.0, 0);
        foreach (var (colour, text) in items)
        {
            var shown = TextWidth.Fit(text, size, width - size * 1.4);
            var advance = size * 1.4 + TextWidth.Of(shown, size);
            if (x > 0 && x + advance > width)
                (x, line) = (0, line + 1);
            entries.Add((colour, shown, x, line));
            x += advance + size * 1.2;
        }

        Height = entries.Count == 0 ? 0 : (line + 1) * size * 1.6;
    }

    public double Height { get; }

    public void Draw(SvgCanvas canvas, double left, double top)
    {
        foreach (var (colour, text, x, line) in entries)
        {
            var y = top + line * size * 1.6;
            canvas.Rectangle(left + x, y + size * 0.3, size, size, colour, radius: size * 0.15);
            canvas.Text(left + x + size * 1.4, y + size * 1.15, text, size);
        }
    }
}

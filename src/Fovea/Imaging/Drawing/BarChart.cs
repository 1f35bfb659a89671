using System.Globalization;

namespace Fovea.Imaging.Drawing;

/// <summary>One horizontal bar for each name: objects per class, metrics per class.</summary>
public sealed record BarChart
{
    private const double FontSize = ChartFrame.FontSize, BarHeight = 20, Margin = 12;

    /// <summary>The bars, from top to bottom; values of 0 or more.</summary>
    public required IReadOnlyList<(string Name, double Value)> Bars { get; init; }

    /// <summary>Written above, or null.</summary>
    public string? Title { get; init; }

    /// <summary>Whether lengths are logarithmic, for counts of very different size; 0 has no bar.</summary>
    public bool IsLogarithmic { get; init; }

    /// <summary>Colour of the bars; null gives each class its own.</summary>
    public Colour? Colour { get; init; }

    /// <summary>How values are written, a .NET format such as "0.000".</summary>
    public string Format { get; init; } = "#,0.###";

    /// <summary>Draws the chart; its height follows from the number of bars.</summary>
    /// <param name="width">Width in pixels.</param>
    public SvgCanvas Draw(double width = 640)
    {
        var values = Bars.Select(bar => bar.Value.ToString(Format, CultureInfo.InvariantCulture)).ToList();
        var names = Math.Min(width * 0.4, Bars.Select(static bar => TextWidth.Of(bar.Name, FontSize)).Append(0).Max());
        var numbers = values.Select(static value => TextWidth.Of(value, FontSize)).Append(0).Max();
        var (left, top) = (Margin + names + 8, Margin + (Title is null ? 0 : ChartFrame.TitleSize * 1.8));
        var longest = width - left - numbers - 8 - Margin;
        var canvas = new SvgCanvas(width, top + Math.Max(1, Bars.Count) * BarHeight + Margin);
        if (Title is not null)
            canvas.Text(Margin, Margin + ChartFrame.TitleSize, TextWidth.Fit(Title, ChartFrame.TitleSize, width - 2 * Margin, bold: true), ChartFrame.TitleSize, bold: true);
        for (var i = 0; i < Bars.Count; i++)
        {
            var y = top + i * BarHeight;
            var length = longest * Length(Bars[i].Value);
            canvas.Text(left - 8, y + BarHeight * 0.5 + FontSize * 0.35, TextWidth.Fit(Bars[i].Name, FontSize, names), FontSize, anchor: TextAnchor.End);
            canvas.Rectangle(left, y + 3, length, BarHeight - 6, Colour ?? Palette.Of(i), radius: 2);
            canvas.Text(left + length + 6, y + BarHeight * 0.5 + FontSize * 0.35, values[i], FontSize);
        }

        canvas.Line(left, top, left, top + Bars.Count * BarHeight, Drawing.Colour.Ink);
        return canvas;
    }

    private double Length(double value)
    {
        var greatest = Bars.Max(static bar => bar.Value);
        if (!(value > 0))
            return 0;
        if (!IsLogarithmic)
            return value / greatest;
        var least = Bars.Where(static bar => bar.Value > 0).Min(static bar => bar.Value);
        // The shortest bar keeps a tenth, so that it can be seen.
        return greatest == least ? 1 : 0.1 + 0.9 * Math.Log(value / least) / Math.Log(greatest / least);
    }
}

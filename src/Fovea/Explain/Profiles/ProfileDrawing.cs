using System.Globalization;
using Fovea.Imaging.Drawing;

namespace Fovea.Explain;

/// <summary>Draws a network's profile: a line for every part, with bars for what it sees, holds and computes.</summary>
public static class ProfileDrawing
{
    private const double Row = 20, Font = 12, TitleFont = 17, Bar = 150, Figure = 70, Gap = 24;

    /// <summary>Draws parts of a profile.</summary>
    /// <param name="title">Written above.</param>
    /// <param name="layers">The parts, from the picture to the scores.</param>
    /// <param name="pixels">Side of the picture, which the bars of receptive fields are measured by.</param>
    public static SvgCanvas Draw(string title, IReadOnlyList<LayerProfile> layers, int pixels)
    {
        double Width(Func<LayerProfile, string> text) => Math.Max(60, layers.Select(layer => TextWidth.Of(text(layer), Font)).DefaultIfEmpty().Max());
        double[] widths = [Width(static layer => layer.Name), Width(static layer => layer.Type), Width(ShapeOf), Bar + Figure, Bar + Figure, Bar + Figure];
        double[] lefts = [.. Enumerable.Range(0, widths.Length + 1).Select(i => Gap + widths.Take(i).Sum(static width => width + Gap))];
        var canvas = new SvgCanvas(Math.Max(lefts[^1], 2 * Gap + TextWidth.Of(title, TitleFont, bold: true)), 70 + layers.Count * Row + Gap);
        canvas.Text(Gap, 30, title, TitleFont, bold: true);
        string[] heads = ["layer", "type", "output", "sees (pixels; line: the picture)", "parameters", "multiply-adds"];
        for (var i = 0; i < heads.Length; i++)
            canvas.Text(lefts[i], 56, heads[i], Font, Colour.Ink, bold: true);
        var widest = layers.SelectMany(static layer => layer.Fields).Select(static field => field.Size).DefaultIfEmpty(1).Max();
        var edge = lefts[3] + Bar * Math.Min(1, pixels / widest);
        for (var i = 0; i < layers.Count; i++)
        {
            var (layer, baseline) = (layers[i], 78 + i * Row);
            if (i % 2 == 0)
                canvas.Rectangle(Gap / 2, baseline - 14, canvas.Width - Gap, Row, new Colour(246, 246, 246));
            canvas.Text(lefts[0], baseline, layer.Name, Font);
            canvas.Text(lefts[1], baseline, layer.Type, Font);
            canvas.Text(lefts[2], baseline, ShapeOf(layer), Font);
            if (layer.Fields.Count > 0)
                Measure(canvas, lefts[3], baseline, layer.Fields.Max(static field => field.Size), widest, 0, FieldOf(layer));
            Measure(canvas, lefts[4], baseline, layer.Parameters, layers.Max(static other => other.Parameters), 1, Short(layer.Parameters));
            Measure(canvas, lefts[5], baseline, layer.MultiplyAdds, layers.Max(static other => other.MultiplyAdds), 2, Short(layer.MultiplyAdds));
        }

        return canvas.Line(edge, 62, edge, 66 + layers.Count * Row, Colour.Ink, dash: "3 3");
    }

    /// <summary>"64x56x56", or nothing.</summary>
    public static string ShapeOf(LayerProfile layer) => string.Join('x', layer.Output.Skip(1));

    /// <summary>"427", or "427x211" where height and width differ, or nothing.</summary>
    public static string FieldOf(LayerProfile layer) => PerAxis(layer, static field => field.Size);

    /// <summary>"32", or "32x16" where height and width differ, or nothing.</summary>
    public static string StrideOf(LayerProfile layer) => PerAxis(layer, static field => field.Stride);

    private static string PerAxis(LayerProfile layer, Func<ReceptiveField, double> value)
    {
        var texts = layer.Fields.Select(field => value(field).ToString("0.##", CultureInfo.InvariantCulture)).ToList();
        return texts.Distinct().Count() == 1 ? texts[0] : string.Join('x', texts);
    }

    private static void Measure(SvgCanvas canvas, double left, double baseline, double value, double greatest, int series, string text)
    {
        if (value <= 0)
            return;
        var length = Bar * value / greatest;
        canvas.Rectangle(left, baseline - 10, Math.Max(1, length), 12, Palette.Of(series));
        canvas.Text(left + length + 5, baseline, text, Font - 1);
    }

    private static string Short(long value) => value switch
    {
        >= 1_000_000_000 => (value / 1e9).ToString("0.00 G", CultureInfo.InvariantCulture),
        >= 1_000_000 => (value / 1e6).ToString("0.00 M", CultureInfo.InvariantCulture),
        >= 1_000 => (value / 1e3).ToString("0.0 k", CultureInfo.InvariantCulture),
        _ => value.ToString(CultureInfo.InvariantCulture),
    };
}

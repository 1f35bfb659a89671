using System.Globalization;
using System.Text;

namespace Fovea.Imaging.Drawing;

/// <summary>
/// A drawing: pictures at the bottom, vector shapes above them. It is written as SVG, which goes into a page or a file as it
/// is, or rasterised. Coordinates are pixels from the top left; what lies outside is cut off.
/// </summary>
public sealed partial class SvgCanvas
{
    private const string Fonts = "DejaVu Sans,Verdana,Noto Sans,Noto Sans CJK SC,sans-serif";

    private readonly StringBuilder shapes = new();
    private readonly List<GroundPart> ground = [];

    /// <summary>Creates an empty drawing.</summary>
    /// <param name="width">Width in pixels, above 0.</param>
    /// <param name="height">Height in pixels, above 0.</param>
    public SvgCanvas(double width, double height)
    {
        if (!(width > 0 && height > 0 && double.IsFinite(width) && double.IsFinite(height)))
            throw new ArgumentException($"found a drawing of {width} by {height} pixels, expected a size above 0");
        (Width, Height) = (width, height);
    }

    /// <summary>Width in pixels.</summary>
    public double Width { get; }

    /// <summary>Height in pixels.</summary>
    public double Height { get; }

    /// <summary>Puts a picture below all shapes, above the pictures that are already there.</summary>
    /// <param name="image">Grey, RGB or RGBA of 8 or 16 bits; alpha is ignored.</param>
    /// <param name="x">Left edge.</param>
    /// <param name="y">Top edge.</param>
    /// <param name="width">Width it is scaled to.</param>
    /// <param name="height">Height it is scaled to.</param>
    /// <param name="smooth">Whether enlarging blurs; otherwise pixels stay squares.</param>
    public SvgCanvas Picture(Image image, double x, double y, double width, double height, bool smooth = true)
    {
        ground.Add(new GroundPart(image.ConvertTo(ImageChannels.Rgb), x, y, width, height, smooth));
        return this;
    }

    /// <summary>Draws a rectangle.</summary>
    /// <param name="x">Left edge.</param>
    /// <param name="y">Top edge.</param>
    /// <param name="width">Width; nothing is drawn when it is not above 0.</param>
    /// <param name="height">Height; nothing is drawn when it is not above 0.</param>
    /// <param name="fill">Colour inside, or null.</param>
    /// <param name="stroke">Colour of the outline, or null.</param>
    /// <param name="strokeWidth">Width of the outline in pixels.</param>
    /// <param name="opacity">0 (invisible) to 1.</param>
    /// <param name="radius">Radius of the corners in pixels.</param>
    public SvgCanvas Rectangle(double x, double y, double width, double height, Colour? fill = null, Colour? stroke = null,
        double strokeWidth = 1, double opacity = 1, double radius = 0)
    {
        if (!(width > 0 && height > 0))
            return this;
        Append($"<rect x=\"{N(x)}\" y=\"{N(y)}\" width=\"{N(width)}\" height=\"{N(height)}\"");
        if (radius > 0)
            Append($" rx=\"{N(radius)}\"");
        return Close(fill, stroke, strokeWidth, opacity);
    }

    /// <summary>Draws a circle.</summary>
    public SvgCanvas Circle(double x, double y, double radius, Colour? fill = null, Colour? stroke = null, double strokeWidth = 1, double opacity = 1)
    {
        Append($"<circle cx=\"{N(x)}\" cy=\"{N(y)}\" r=\"{N(radius)}\"");
        return Close(fill, stroke, strokeWidth, opacity);
    }

    /// <summary>Draws a straight line.</summary>
    public SvgCanvas Line(double x1, double y1, double x2, double y2, Colour colour, double width = 1, double opacity = 1, string? dash = null)
    {
        Append($"<line x1=\"{N(x1)}\" y1=\"{N(y1)}\" x2=\"{N(x2)}\" y2=\"{N(y2)}\" stroke-linecap=\"round\"");
        if (dash is not null)
            Append($" stroke-dasharray=\"{Escape(dash)}\"");
        return Close(null, colour, width, opacity);
    }

    /// <summary>Draws an open line through points.</summary>
    /// <param name="points">Its corners.</param>
    /// <param name="colour">Its colour.</param>
    /// <param name="width">Its width in pixels.</param>
    /// <param name="opacity">0 to 1.</param>
    /// <param name="dash">Lengths of dashes and gaps, such as "4 3", or null for a whole line.</param>
    public SvgCanvas Polyline(IEnumerable<(double X, double Y)> points, Colour colour, double width = 1, double opacity = 1, string? dash = null)
    {
        Append($"<polyline points=\"{string.Join(' ', points.Select(static p => $"{N(p.X)},{N(p.Y)}"))}\" stroke-linejoin=\"round\" stroke-linecap=\"round\"");
        if (dash is not null)
            Append($" stroke-dasharray=\"{Escape(dash)}\"");
        return Close(null, colour, width, opacity);
    }

    /// <summary>Draws closed outlines, filled by the even-odd rule, so that outlines within outlines are holes.</summary>
    /// <param name="rings">Each x, y, x, y ... of its corners.</param>
    /// <param name="fill">Colour inside, or null.</param>
    /// <param name="stroke">Colour of the outline, or null.</param>
    /// <param name="strokeWidth">Width of the outline in pixels.</param>
    /// <param name="fillOpacity">0 to 1, of the inside only.</param>
    /// <param name="scale">Multiplies all coordinates.</param>
    public SvgCanvas Polygon(IEnumerable<double[]> rings, Colour? fill = null, Colour? stroke = null, double strokeWidth = 1, double fillOpacity = 1,
        double scale = 1)
    {
        var path = new StringBuilder();
        foreach (var ring in rings)
        {
            for (var i = 0; i + 1 < ring.Length; i += 2)
                path.Append(i == 0 ? 'M' : 'L').Append(N(ring[i] * scale)).Append(' ').Append(N(ring[i + 1] * scale));
            path.Append('Z');
        }

        if (path.Length == 0)
            return this;
        Append($"<path d=\"{path}\" fill-rule=\"evenodd\" stroke-linejoin=\"round\"");
        if (fill is not null && fillOpacity < 1)
            Append($" fill-opacity=\"{N(fillOpacity)}\"");
        return Close(fill, stroke, strokeWidth, 1);
    }

    /// <summary>Writes a line of text in any script.</summary>
    /// <param name="x">Position of the anchor.</param>
    /// <param name="y">The line the letters stand on.</param>
    /// <param name="text">Anything; characters that XML forbids are replaced.</param>
    /// <param name="size">Size in pixels.</param>
    /// <param name="colour">Its colour; dark grey when null.</param>
    /// <param name="anchor">Which point of the text <paramref name="x"/> means.</param>
    /// <param name="bold">Whether letters are heavy.</param>
    /// <param name="rotate">Degrees clockwise about the anchor.</param>
    public SvgCanvas Text(double x, double y, string text, double size, Colour? colour = null, TextAnchor anchor = TextAnchor.Start,
        bool bold = false, double rotate = 0)
    {
        Append($"<text x=\"{N(x)}\" y=\"{N(y)}\" font-family=\"{Fonts}\" font-size=\"{N(size)}\" fill=\"{colour ?? Colour.Ink}\"");
        if (anchor != TextAnchor.Start)
            Append($" text-anchor=\"{(anchor == TextAnchor.Middle ? "middle" : "end")}\"");
        if (bold)
            Append($" font-weight=\"bold\"");
        if (rotate != 0)
            Append($" transform=\"rotate({N(rotate)} {N(x)} {N(y)})\"");
        shapes.Append('>').Append(Escape(text)).Append("</text>");
        return this;
    }

    /// <summary>Puts another drawing into this one, cut off at its own edges.</summary>
    /// <param name="child">The other drawing, as it is now.</param>
    /// <param name="x">Left edge.</param>
    /// <param name="y">Top edge.</param>
    /// <param name="scale">Factor it is scaled by.</param>
    public SvgCanvas Place(SvgCanvas child, double x, double y, double scale = 1)
    {
        foreach (var part in child.ground)
            ground.Add(part with { X = x + part.X * scale, Y = y + part.Y * scale, Width = part.Width * scale, Height = part.Height * scale });
        if (child.shapes.Length > 0)
        {
            Append($"<svg x=\"{N(x)}\" y=\"{N(y)}\" width=\"{N(child.Width * scale)}\" height=\"{N(child.Height * scale)}\" viewBox=\"0 0 {N(child.Width)} {N(child.Height)}\">");
            shapes.Append(child.shapes).Append("</svg>");
        }

        return this;
    }

    /// <summary>A number as SVG reads it, whatever the culture: at most two decimals.</summary>
    internal static string N(double value) => double.IsFinite(value)
        ? (Math.Round(value, 2) + 0.0).ToString("0.##", CultureInfo.InvariantCulture)
        : throw new ArgumentException($"found the coordinate {value}, expected a finite number");

    private SvgCanvas Close(Colour? fill, Colour? stroke, double strokeWidth, double opacity)
    {
        // Opacity of the whole shape would make librsvg compose a layer of the drawing's size for every one.
        Append($" fill=\"{fill?.ToString() ?? "none"}\"");
        if (fill is not null && opacity < 1)
            Append($" fill-opacity=\"{N(opacity)}\"");
        if (stroke is not null)
            Append($" stroke=\"{stroke}\" stroke-width=\"{N(strokeWidth)}\"");
        if (stroke is not null && opacity < 1)
            Append($" stroke-opacity=\"{N(opacity)}\"");
        shapes.Append("/>");
        return this;
    }

    private void Append(FormattableString text) => shapes.Append(text.ToString(CultureInfo.InvariantCulture));

    private static string Escape(string text)
    {
        var escaped = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            switch (rune.Value)
            {
                case '&': escaped.Append("&amp;"); break;
                case '<': escaped.Append("&lt;"); break;
                case '>': escaped.Append("&gt;"); break;
                case '"': escaped.Append("&quot;"); break;
                case < 0x20 and not '\t' or 0x7F or 0xFFFE or 0xFFFF: escaped.Append('\uFFFD'); break;
                default: escaped.Append(rune.ToString()); break;
            }
        }

        return escaped.ToString();
    }

    private sealed record GroundPart(Image Image, double X, double Y, double Width, double Height, bool Smooth);
}

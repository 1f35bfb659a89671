using System.Globalization;
using System.Text;
using Fovea.Imaging.Native;

namespace Fovea.Imaging.Drawing;

public sealed partial class SvgCanvas
{
    // Below this many pixels a picture is stored without loss: icons, label maps, digits.
    private const int LosslessPixels = 128 * 128;

    /// <summary>The drawing as one SVG element, with its pictures inside: for a file, or inline in a page.</summary>
    public string ToSvg()
    {
        var svg = Open();
        foreach (var part in ground)
        {
            var isSmall = part.Image.Width * part.Image.Height <= LosslessPixels || !part.Smooth;
            var (type, data) = isSmall ? ("png", part.Image.Encode(".png")) : ("jpeg", part.Image.Encode(".jpg", 88));
            svg.Append(CultureInfo.InvariantCulture, $"<image x=\"{N(part.X)}\" y=\"{N(part.Y)}\" width=\"{N(part.Width)}\" height=\"{N(part.Height)}\" preserveAspectRatio=\"none\"");
            if (!part.Smooth)
                svg.Append(" style=\"image-rendering:pixelated\"");
            svg.Append(" href=\"data:image/").Append(type).Append(";base64,").Append(Convert.ToBase64String(data)).Append("\"/>");
        }

        return svg.Append(shapes).Append("</svg>").ToString();
    }

    /// <summary>Rasterises the drawing on white.</summary>
    /// <param name="scale">Pixels of the result for one of the drawing.</param>
    /// <returns>RGB of 8 bits.</returns>
    public unsafe Image ToImage(double scale = 1)
    {
        var size = new ImageSize(Math.Max(1, (int)Math.Round(Height * scale)), Math.Max(1, (int)Math.Round(Width * scale)));
        var image = new Image(size, 3);
        image.Data.AsSpan().Fill(255);
        foreach (var part in ground)
            Paste(part, image, scale);
        if (shapes.Length == 0)
            return image;
        NativeImports.Ensure();
        var svg = Encoding.UTF8.GetBytes(Open().Append(shapes).Append("</svg>").ToString());
        NativeImports.Check(DrawNative.Render(svg, svg.Length, size.Width, size.Height, image.Data), &DrawNative.LastError, "drawing");
        return image;
    }

    /// <summary>Writes the drawing; a file is replaced only by a complete one.</summary>
    /// <param name="path">".svg" for the drawing itself, otherwise an extension of <see cref="Image.Encode"/>.</param>
    /// <param name="scale">Pixels of a rasterised file for one of the drawing.</param>
    /// <exception cref="FoveaException">The extension is unknown or the file cannot be written.</exception>
    public void Save(string path, double scale = 1)
    {
        if (!Path.GetExtension(path).Equals(".svg", StringComparison.OrdinalIgnoreCase))
        {
            ToImage(scale).Save(path);
            return;
        }

        Image.WriteWhole(path, Encoding.UTF8.GetBytes(ToSvg()));
    }

    private StringBuilder Open() => new StringBuilder().Append(
        CultureInfo.InvariantCulture,
        $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{N(Width)}\" height=\"{N(Height)}\" viewBox=\"0 0 {N(Width)} {N(Height)}\">");

    private static void Paste(GroundPart part, Image target, double scale)
    {
        int left = (int)Math.Round(part.X * scale), top = (int)Math.Round(part.Y * scale);
        int right = (int)Math.Round((part.X + part.Width) * scale), bottom = (int)Math.Round((part.Y + part.Height) * scale);
        if (right <= left || bottom <= top)
            return;
        var size = new ImageSize(bottom - top, right - left);
        var scaled = part.Image.Size == size ? part.Image
            : part.Image.Resize(size, part.Smooth ? Interpolation.BilinearAntialias : Interpolation.Nearest);
        int firstX = Math.Max(0, left), lastX = Math.Min(target.Width, right);
        if (firstX >= lastX)
            return;
        for (var y = Math.Max(0, top); y < Math.Min(target.Height, bottom); y++)
        {
            scaled.Data.AsSpan(((y - top) * size.Width + firstX - left) * 3, (lastX - firstX) * 3)
                .CopyTo(target.Data.AsSpan((y * target.Width + firstX) * 3));
        }
    }
}

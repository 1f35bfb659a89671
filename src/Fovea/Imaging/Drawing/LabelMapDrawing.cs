using System.Globalization;

namespace Fovea.Imaging.Drawing;

/// <summary>Draws the class of every pixel.</summary>
public static class LabelMapDrawing
{
    /// <summary>Draws a label map with a legend of its classes and their shares of the pixels.</summary>
    /// <param name="map">The class of every pixel; <see cref="LabelMap.Ignore"/> is grey.</param>
    /// <param name="labels">The classes.</param>
    /// <param name="image">The picture below it, of the same size; none when null.</param>
    /// <param name="style">How; <see cref="DrawingStyle.Default"/> when null.</param>
    public static SvgCanvas Draw(LabelMap map, LabelSpace labels, Image? image = null, DrawingStyle? style = null)
    {
        if (image is not null)
            return ObjectDrawing.Draw(image, new Annotation { Map = map }, labels, style);
        var plain = new Image(map.Size, 3);
        return ObjectDrawing.Draw(plain, new Annotation { Map = map }, labels, (style ?? DrawingStyle.Default) with { MaskOpacity = 1 });
    }

    /// <summary>The picture with every pixel tinted by its class.</summary>
    /// <param name="image">Grey, RGB or RGBA of 8 or 16 bits.</param>
    /// <param name="map">The classes, of the same size.</param>
    /// <param name="opacity">Share of the tint, 0 to 1.</param>
    /// <returns>RGB of 8 bits.</returns>
    /// <exception cref="ArgumentException">The sizes differ.</exception>
    public static Image Blend(Image image, LabelMap map, double opacity)
    {
        if (map.Size != image.Size)
            throw new ArgumentException($"found a label map of {map.Size}, expected {image.Size} as the picture", nameof(map));
        var source = image.ConvertTo(ImageChannels.Rgb).Data;
        var target = new Image(image.Size, 3);
        Span<(int R, int G, int B)> tints = stackalloc (int, int, int)[256];
        for (var value = 0; value < 256; value++)
        {
            var colour = ColourOf(value);
            tints[value] = (colour.R, colour.G, colour.B);
        }

        var share = (int)(Math.Clamp(opacity, 0, 1) * 256 + 0.5);
        for (int i = 0, at = 0; i < map.Values.Length; i++, at += 3)
        {
            var (r, g, b) = tints[map.Values[i]];
            target.Data[at] = Mix(source[at], r, share);
            target.Data[at + 1] = Mix(source[at + 1], g, share);
            target.Data[at + 2] = Mix(source[at + 2], b, share);
        }

        return target;
    }

    /// <summary>The classes that occur, each with its share of the pixels.</summary>
    internal static IEnumerable<(Colour Colour, string Text)> Shares(LabelMap map, LabelSpace labels)
    {
        var counts = new long[256];
        foreach (var value in map.Values)
            counts[value]++;
        for (var value = 0; value < 256; value++)
        {
            if (counts[value] == 0)
                continue;
            var name = value == LabelMap.Ignore ? "ignored" : value < labels.Count ? labels[value] : $"class {value}";
            yield return (ColourOf(value), string.Create(CultureInfo.InvariantCulture, $"{name} {100.0 * counts[value] / map.Values.Length:0.0} %"));
        }
    }

    private static Colour ColourOf(int value) => value == LabelMap.Ignore ? new Colour(128, 128, 128) : Palette.Of(value);

    private static byte Mix(int from, int to, int share) => (byte)(from + ((to - from) * share >> 8));
}

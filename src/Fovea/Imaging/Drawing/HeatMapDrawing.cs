using System.Globalization;

namespace Fovea.Imaging.Drawing;

/// <summary>Draws a quantity of every pixel as colour, with a scale beside it.</summary>
public static class HeatMapDrawing
{
    /// <summary>Draws a map of values.</summary>
    /// <param name="values">H times W values, row by row; no number is drawn as the least.</param>
    /// <param name="size">Size of the map.</param>
    /// <param name="image">The picture below it, to whose size the map is stretched; none when null.</param>
    /// <param name="map">The colours; <see cref="ColourMap.Viridis"/> when null.</param>
    /// <param name="opacity">Share of the colours over the picture, 0 to 1.</param>
    /// <param name="range">Values at the ends of the scale; the least and greatest when null.</param>
    /// <param name="showsScale">Whether the scale stands beside the map.</param>
    /// <exception cref="ArgumentException">The length does not match the size.</exception>
    public static SvgCanvas Draw(ReadOnlySpan<float> values, ImageSize size, Image? image = null, ColourMap? map = null, double opacity = 0.5,
        (double Low, double High)? range = null, bool showsScale = true)
    {
        if (values.Length != size.Height * size.Width)
            throw new ArgumentException($"found {values.Length} values, expected {size.Height * size.Width} for {size}", nameof(values));
        map ??= ColourMap.Viridis;
        var (low, high) = range ?? Range(values);
        var picture = Colour(values, size, map, low, high);
        if (image is not null)
            picture = Overlay(picture, image, opacity);

        var style = DrawingStyle.Default;
        var scale = style.ScaleFor(picture.Size);
        var (width, height) = (picture.Width * scale, picture.Height * scale);
        if (!showsScale)
            return new SvgCanvas(width, height).Picture(picture, 0, 0, width, height, smooth: scale < 4);
        var font = style.FontSizeFor(width, height);
        string[] ticks = [Number(high), Number((low + high) / 2), Number(low)];
        var canvas = new SvgCanvas(width + font * 2.4 + ticks.Max(tick => TextWidth.Of(tick, font)), height);
        canvas.Picture(picture, 0, 0, width, height, smooth: scale < 4);
        var bar = new Image(new ImageSize(256, 1), 3);
        for (var i = 0; i < 256; i++)
            (bar.Data[i * 3], bar.Data[i * 3 + 1], bar.Data[i * 3 + 2]) = Parts(map.At(1 - i / 255.0));
        canvas.Picture(bar, width + font * 0.6, 0, font, height);
        for (var i = 0; i < 3; i++)
            canvas.Text(width + font * 2, i == 0 ? font * 0.85 : i == 1 ? height / 2 + font * 0.35 : height - font * 0.1, ticks[i], font);
        return canvas;
    }

    private static (double Low, double High) Range(ReadOnlySpan<float> values)
    {
        var (low, high) = (double.MaxValue, double.MinValue);
        foreach (var value in values)
        {
            if (float.IsFinite(value))
                (low, high) = (Math.Min(low, value), Math.Max(high, value));
        }

        return low > high ? (0, 1) : (low, high);
    }

    private static Image Colour(ReadOnlySpan<float> values, ImageSize size, ColourMap map, double low, double high)
    {
        var picture = new Image(size, 3);
        var step = high > low ? 1 / (high - low) : 0;
        for (int i = 0, at = 0; i < values.Length; i++, at += 3)
            (picture.Data[at], picture.Data[at + 1], picture.Data[at + 2]) = Parts(map.At((values[i] - low) * step));
        return picture;
    }

    private static Image Overlay(Image colours, Image image, double opacity)
    {
        var over = colours.Size == image.Size ? colours : colours.Resize(image.Size, Interpolation.Bilinear);
        var under = image.ConvertTo(ImageChannels.Rgb).Data;
        var result = new Image(image.Size, 3);
        for (var i = 0; i < under.Length; i++)
            result.Data[i] = (byte)(under[i] + (over.Data[i] - under[i]) * opacity + 0.5);
        return result;
    }

    private static (byte R, byte G, byte B) Parts(Colour colour) => (colour.R, colour.G, colour.B);

    private static string Number(double value) => value.ToString("G3", CultureInfo.InvariantCulture);
}

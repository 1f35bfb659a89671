using System.Globalization;

namespace Fovea.Imaging.Drawing;

/// <summary>A colour of sRGB.</summary>
/// <param name="R">Red, 0 to 255.</param>
/// <param name="G">Green, 0 to 255.</param>
/// <param name="B">Blue, 0 to 255.</param>
public readonly record struct Colour(byte R, byte G, byte B)
{
    /// <summary>White.</summary>
    public static Colour White { get; } = new(255, 255, 255);

    /// <summary>Black.</summary>
    public static Colour Black { get; } = new(0, 0, 0);

    /// <summary>The grey of axes and captions.</summary>
    public static Colour Ink { get; } = new(51, 51, 51);

    /// <summary>The grey of grids and frames.</summary>
    public static Colour Rule { get; } = new(222, 222, 222);

    /// <summary>Black or white, whichever reads better on this colour (contrast ratio of WCAG 2.1).</summary>
    public Colour Contrast
    {
        get
        {
            var luminance = 0.2126 * Linear(R) + 0.7152 * Linear(G) + 0.0722 * Linear(B);
            return (luminance + 0.05) / 0.05 > 1.05 / (luminance + 0.05) ? Black : White;
        }
    }

    /// <summary>A colour of OKLCH (Ottosson, "A perceptual color space for image processing", 2020), cut off where sRGB ends.</summary>
    /// <param name="lightness">0 (black) to 1 (white).</param>
    /// <param name="chroma">0 (grey) to about 0.3.</param>
    /// <param name="hue">Degrees: 30 red, 110 yellow, 145 green, 230 blue, 320 purple.</param>
    public static Colour FromOklch(double lightness, double chroma, double hue)
    {
        var (sine, cosine) = Math.SinCos(hue * Math.PI / 180);
        var (a, b) = (chroma * cosine, chroma * sine);
        var l = Cube(lightness + 0.3963377774 * a + 0.2158037573 * b);
        var m = Cube(lightness - 0.1055613458 * a - 0.0638541728 * b);
        var s = Cube(lightness - 0.0894841775 * a - 1.2914855480 * b);
        return new Colour(
            Encode(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
            Encode(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
            Encode(-0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s));
    }

    /// <summary>This colour and another, mixed.</summary>
    /// <param name="other">The other colour.</param>
    /// <param name="share">Share of the other, 0 to 1.</param>
    public Colour Mix(Colour other, double share) => new(Mix(R, other.R, share), Mix(G, other.G, share), Mix(B, other.B, share));

    /// <summary>As "#rrggbb".</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"#{R:x2}{G:x2}{B:x2}");

    private static byte Mix(byte a, byte b, double share) => (byte)Math.Clamp(a + (b - a) * share + 0.5, 0, 255);

    private static double Cube(double value) => value * value * value;

    private static double Linear(byte value) => value <= 10 ? value / 255.0 / 12.92 : Math.Pow((value / 255.0 + 0.055) / 1.055, 2.4);

    private static byte Encode(double linear)
    {
        var value = Math.Clamp(linear, 0, 1);
        return (byte)(255 * (value <= 0.0031308 ? 12.92 * value : 1.055 * Math.Pow(value, 1 / 2.4) - 0.055) + 0.5);
    }
}

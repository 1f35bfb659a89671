using Fovea.Imaging;

namespace Fovea.Transforms.Kernels;

/// <summary>Turns the hue in place through HSV of 8 bits a channel, with Pillow's rounding.</summary>
internal static class HueKernel
{
    /// <param name="image">An RGB picture of 8 bits.</param>
    /// <param name="turn">Share of the hue circle, -0.5 to 0.5.</param>
    public static void Turn(Image image, double turn)
    {
        var shift = (byte)(int)(turn * 255);
        var data = image.Data;
        for (var at = 0; at < data.Length; at += 3)
        {
            var (hue, saturation, value) = ToHsv(data[at], data[at + 1], data[at + 2]);
            (data[at], data[at + 1], data[at + 2]) = ToRgb((byte)(hue + shift), saturation, value);
        }
    }

    internal static (byte Hue, byte Saturation, byte Value) ToHsv(byte r, byte g, byte b)
    {
        var high = Math.Max(r, Math.Max(g, b));
        var low = Math.Min(r, Math.Min(g, b));
        if (high == low)
            return (0, 0, high);
        float range = high - low;
        var (dr, dg, db) = ((high - r) / range, (high - g) / range, (high - b) / range);
        var sector = r == high ? db - dg : g == high ? (float)(2.0 + dr - db) : (float)(4.0 + dg - dr);
        var turned = sector / 6.0 + 1.0;
        var hue = (float)(turned - Math.Floor(turned));
        return ((byte)(int)(hue * 255.0), (byte)(int)(range / high * 255.0), high);
    }

    internal static (byte R, byte G, byte B) ToRgb(byte hue, byte saturation, byte value)
    {
        if (saturation == 0)
            return (value, value, value);
        var position = (float)(hue * 6.0 / 255.0);
        var sector = (int)position;
        var rest = position - sector;
        var share = (float)(saturation / 255.0);
        var low = Round(value * (1.0 - share));
        var falling = Round(value * (1.0 - share * rest));
        var rising = Round(value * (1.0 - share * (1.0 - rest)));
        return (sector % 6) switch
        {
            0 => (value, rising, low),
            1 => (falling, value, low),
            2 => (low, value, rising),
            3 => (low, falling, value),
            4 => (rising, low, value),
            _ => (value, low, falling),
        };
    }

    private static byte Round(double value) => (byte)Math.Clamp((int)Math.Round(value, MidpointRounding.AwayFromZero), 0, 255);
}

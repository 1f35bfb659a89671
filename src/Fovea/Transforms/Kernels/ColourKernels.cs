using Fovea.Imaging;

namespace Fovea.Transforms.Kernels;

/// <summary>Brightness, contrast and saturation in place, with Pillow's rounding.</summary>
internal static class ColourKernels
{
    public static void Brightness(Image image, float factor) => MoveFrom(0, image.Data, factor);

    public static void Contrast(Image image, float factor) => MoveFrom(MeanGrey(image), image.Data, factor);

    public static void Saturation(Image image, float factor)
    {
        var data = image.Data;
        for (var at = 0; at < data.Length; at += 3)
        {
            var grey = Grey(data[at], data[at + 1], data[at + 2]);
            data[at] = Blend(grey, data[at], factor);
            data[at + 1] = Blend(grey, data[at + 1], factor);
            data[at + 2] = Blend(grey, data[at + 2], factor);
        }
    }

    private static int MeanGrey(Image image)
    {
        long sum = 0;
        var data = image.Data;
        if (image.Channels == 1)
        {
            foreach (var value in data)
                sum += value;
        }
        else
        {
            for (var at = 0; at < data.Length; at += 3)
                sum += Grey(data[at], data[at + 1], data[at + 2]);
        }

        return (int)((double)sum / (image.Width * image.Height) + 0.5);
    }

    private static void MoveFrom(int anchor, Span<byte> data, float factor)
    {
        Span<byte> table = stackalloc byte[256];
        for (var value = 0; value < 256; value++)
            table[value] = Blend(anchor, value, factor);
        foreach (ref var value in data)
            value = table[value];
    }

    // ITU-R BT.601 in 16-bit fixed point, as Image.ConvertTo has it.
    private static int Grey(int r, int g, int b) => (r * 19595 + g * 38470 + b * 7471 + 0x8000) >> 16;

    // Single precision and truncation, not rounding: that is what published augmentation has trained with.
    private static byte Blend(int from, int to, float factor)
    {
        var value = from + factor * (to - from);
        return value <= 0 ? (byte)0 : value >= 255 ? (byte)255 : (byte)value;
    }
}

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Fovea.Imaging;

namespace Fovea.Transforms.Kernels;

/// <summary>Turns bytes into (value / 255 - mean) / std, padding with zeros at the right and bottom.</summary>
internal static class NormalizeKernel
{
    // Where the bytes of a channel lie in 48 bytes of RGB, read as three vectors; 255 gives 0.
    private static readonly Vector128<byte>[,] Places = FindPlaces();

    /// <summary>Channel by channel.</summary>
    public static void Planar(Image image, NormalizedChannel[] channels, Span<float> target, ImageSize size)
    {
        var (count, width, plane) = (image.Channels, image.Width, size.Height * size.Width);
        for (var channel = 0; channel < count; channel++)
        {
            var area = target.Slice(channel * plane, plane);
            for (var row = 0; row < image.Height; row++)
            {
                var line = area.Slice(row * size.Width, size.Width);
                var source = image.Data.AsSpan(row * width * count, width * count);
                var done = count == 3 && Vector128.IsHardwareAccelerated ? FromRgb(source, channels[channel], line) : 0;
                var table = channels[channel].Table;
                for (int i = done, at = done * count + channels[channel].Source; i < width; i++, at += count)
                    line[i] = table[source[at]];
                line[width..].Clear();
            }

            area[(image.Height * size.Width)..].Clear();
        }
    }

    /// <summary>Pixel by pixel, with as many values a pixel as <paramref name="step"/> says.</summary>
    public static void Interleaved(Image image, NormalizedChannel[] channels, Span<float> target, ImageSize size, int step)
    {
        var (count, length) = (image.Channels, image.Width * image.Channels);
        for (var row = 0; row < image.Height; row++)
        {
            var source = image.Data.AsSpan(row * length, length);
            var line = target.Slice(row * size.Width * step, size.Width * step);
            for (var channel = 0; channel < count; channel++)
            {
                var table = channels[channel].Table;
                for (int from = channels[channel].Source, at = channel; from < source.Length; from += count, at += step)
                    line[at] = table[source[from]];
            }

            line[(image.Width * step)..].Clear();
        }

        target[(image.Height * size.Width * step)..].Clear();
    }

    /// <summary>(value - mean) / std of 16 bits into every <paramref name="step"/>th value of an area.</summary>
    public static void Depth(Image depth, float mean, float std, Span<float> target, ImageSize size, int step)
    {
        var source = depth.AsSpan<ushort>();
        for (var (row, at) = (0, 0); row < size.Height; row++)
        {
            for (var column = 0; column < size.Width; column++, at += step)
                target[at] = row < depth.Height && column < depth.Width ? (source[row * depth.Width + column] - mean) / std : 0;
        }
    }

    // Sixteen pixels at a time; returns how many pixels are done.
    private static int FromRgb(ReadOnlySpan<byte> source, NormalizedChannel channel, Span<float> target)
    {
        var (first, second, third) = (Places[channel.Source, 0], Places[channel.Source, 1], Places[channel.Source, 2]);
        var (byte255, means, stds) = (Vector256.Create(255f), Vector256.Create(channel.Mean), Vector256.Create(channel.Std));
        ref var from = ref MemoryMarshal.GetReference(source);
        ref var to = ref MemoryMarshal.GetReference(target);
        var i = 0;
        for (; 3 * (i + 16) <= source.Length; i += 16)
        {
            ref var pixels = ref Unsafe.Add(ref from, 3 * i);
            var bytes = Vector128.Shuffle(Vector128.LoadUnsafe(ref pixels), first)
                | Vector128.Shuffle(Vector128.LoadUnsafe(ref pixels, 16), second)
                | Vector128.Shuffle(Vector128.LoadUnsafe(ref pixels, 32), third);
            var words = Vector256.WidenLower(bytes.ToVector256Unsafe());
            var low = Vector256.ConvertToSingle(Vector256.WidenLower(words).AsInt32());
            var high = Vector256.ConvertToSingle(Vector256.WidenUpper(words).AsInt32());
            ((low / byte255 - means) / stds).StoreUnsafe(ref to, (nuint)i);
            ((high / byte255 - means) / stds).StoreUnsafe(ref to, (nuint)i + 8);
        }

        return i;
    }

    private static Vector128<byte>[,] FindPlaces()
    {
        var places = new Vector128<byte>[3, 3];
        for (var channel = 0; channel < 3; channel++)
        {
            for (var vector = 0; vector < 3; vector++)
            {
                var indices = Enumerable.Range(0, 16).Select(pixel => 3 * pixel + channel - 16 * vector);
                places[channel, vector] = Vector128.Create([.. indices.Select(static at => at is >= 0 and < 16 ? (byte)at : byte.MaxValue)]);
            }
        }

        return places;
    }
}

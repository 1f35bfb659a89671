using System.Buffers.Binary;

namespace Fovea.Imaging.Codecs;

/// <summary>Turns stored PNG samples into grey, RGB or RGBA.</summary>
internal static class PngExpansion
{
    public static Image Expand(Image samples, PngChunks chunks, string name) => chunks.ColourType switch
    {
        PngChunks.Palette => FromPalette(samples, chunks, name),
        PngChunks.GreyAlpha => samples.Type == PixelType.UInt16 ? FromGreyAlpha<ushort>(samples) : FromGreyAlpha<byte>(samples),
        _ => WithTransparency(samples, chunks),
    };

    private static Image FromPalette(Image indices, PngChunks chunks, string name)
    {
        var transparency = chunks.Transparency;
        var channels = transparency is null ? 3 : 4;
        var picture = new Image(indices.Size, channels);
        var (source, target) = (indices.Data, picture.Data);
        var colours = chunks.Colours.Length / 3;
        for (int i = 0, at = 0; i < source.Length; i++, at += channels)
        {
            int index = source[i];
            if (index >= colours)
                throw new DataException(name, $"PNG pixel {i % indices.Width},{i / indices.Width}", $"palette index {index}", $"an index below {colours}");
            target[at] = chunks.Colours[index * 3];
            target[at + 1] = chunks.Colours[index * 3 + 1];
            target[at + 2] = chunks.Colours[index * 3 + 2];
            if (transparency is not null)
                target[at + 3] = index < transparency.Length ? transparency[index] : (byte)255;
        }

        return picture;
    }

    private static Image FromGreyAlpha<T>(Image samples) where T : unmanaged
    {
        var picture = new Image(samples.Size, 4, samples.Type);
        var source = samples.AsSpan<T>();
        var target = picture.AsSpan<T>();
        for (int from = 0, to = 0; from < source.Length; from += 2, to += 4)
            (target[to], target[to + 1], target[to + 2], target[to + 3]) = (source[from], source[from], source[from], source[from + 1]);
        return picture;
    }

    private static Image WithTransparency(Image samples, PngChunks chunks)
    {
        var scaled = samples.Type == PixelType.UInt8 ? Scale(samples, chunks.Depth) : samples;
        if (chunks.Transparency is not { } key)
            return scaled;
        Span<ushort> transparent = stackalloc ushort[samples.Channels];
        for (var c = 0; c < transparent.Length; c++)
            transparent[c] = BinaryPrimitives.ReadUInt16BigEndian(key.AsSpan(c * 2));
        if (samples.Type == PixelType.UInt16)
            return AddAlpha(scaled, transparent, ushort.MaxValue);
        Span<byte> narrow = stackalloc byte[transparent.Length];
        for (var c = 0; c < narrow.Length; c++)
            narrow[c] = (byte)(transparent[c] * (chunks.Depth < 8 ? 255 / ((1 << chunks.Depth) - 1) : 1));
        return AddAlpha<byte>(scaled, narrow, byte.MaxValue);
    }

    private static Image AddAlpha<T>(Image picture, ReadOnlySpan<T> transparent, T opaque) where T : unmanaged, IEquatable<T>
    {
        var result = new Image(picture.Size, 4, picture.Type);
        var source = picture.AsSpan<T>();
        var target = result.AsSpan<T>();
        var channels = picture.Channels;
        for (int from = 0, to = 0; from < source.Length; from += channels, to += 4)
        {
            var pixel = source.Slice(from, channels);
            (target[to], target[to + 1], target[to + 2]) = channels == 1 ? (pixel[0], pixel[0], pixel[0]) : (pixel[0], pixel[1], pixel[2]);
            target[to + 3] = pixel.SequenceEqual(transparent) ? default : opaque;
        }

        return result;
    }

    private static Image Scale(Image samples, int depth)
    {
        if (depth >= 8)
            return samples;
        var factor = 255 / ((1 << depth) - 1);
        foreach (ref var value in samples.Data.AsSpan())
            value = (byte)(value * factor);
        return samples;
    }
}

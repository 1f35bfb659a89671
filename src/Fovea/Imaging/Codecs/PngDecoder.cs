using System.Buffers.Binary;
using System.IO.Compression;

namespace Fovea.Imaging.Codecs;

/// <summary>
/// Decodes PNG. OpenCV's decoder expands palettes, which loses the indices that label images are made of, and tells no
/// truncated file from a damaged one.
/// </summary>
internal static unsafe class PngDecoder
{
    /// <summary>Decodes to grey, RGB or RGBA: palettes and transparency are expanded, 1, 2 and 4 bits scaled to 8.</summary>
    public static Image Decode(ReadOnlySpan<byte> bytes, ImageInfo info, string name)
    {
        var chunks = PngChunks.Parse(bytes, name);
        return PngExpansion.Expand(ReadSamples(bytes, info, chunks, name), chunks, name);
    }

    /// <summary>Decodes the samples of a grey or palette picture as they are stored, one byte each.</summary>
    public static Image DecodeIndices(ReadOnlySpan<byte> bytes, ImageInfo info, string name)
    {
        var chunks = PngChunks.Parse(bytes, name);
        if (chunks.ColourType is not (PngChunks.Grey or PngChunks.Palette) || info.BitDepth > 8)
        {
            var kind = chunks.ColourType switch { PngChunks.Grey => "grey", PngChunks.Rgb => "RGB", PngChunks.GreyAlpha => "grey with alpha", _ => "RGBA" };
            throw new DataException(name, null, $"a PNG of {info.BitDepth}-bit {kind}", "palette indices or grey values of at most 8 bits, one class a value");
        }

        return ReadSamples(bytes, info, chunks, name);
    }

    private static Image ReadSamples(ReadOnlySpan<byte> bytes, ImageInfo info, PngChunks chunks, string name)
    {
        var samples = new Image(info.StoredSize, chunks.SamplesPerPixel, info.BitDepth == 16 ? PixelType.UInt16 : PixelType.UInt8);
        fixed (byte* start = bytes)
        {
            using var idat = new IdatStream(start + chunks.PixelsAt, bytes.Length - chunks.PixelsAt);
            using var pixels = new ZLibStream(idat, CompressionMode.Decompress);
            var rows = new PngRows(pixels, samples, info.BitDepth, name);
            if (chunks.Interlaced)
                rows.ReadInterlaced();
            else
                rows.ReadPlain();
        }

        return samples;
    }
}

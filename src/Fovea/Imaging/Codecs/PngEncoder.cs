using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.InteropServices;

namespace Fovea.Imaging.Codecs;

/// <summary>Encodes PNG of 8 or 16 bits, and label images with a palette.</summary>
internal static class PngEncoder
{
    private const int Filters = 5;

    public static byte[] Encode(Image image) => Write(image, image.Channels switch { 1 => PngChunks.Grey, 3 => PngChunks.Rgb, _ => 6 }, []);

    /// <param name="indices">1 channel of 8 bits.</param>
    /// <param name="colours">RGB triples, at most 256.</param>
    public static byte[] EncodeIndices(Image indices, ReadOnlySpan<byte> colours) => Write(indices, PngChunks.Palette, colours);

    private static byte[] Write(Image image, byte colourType, ReadOnlySpan<byte> colours)
    {
        using var file = new MemoryStream();
        file.Write([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]);
        Span<byte> header = stackalloc byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, image.Width);
        BinaryPrimitives.WriteInt32BigEndian(header[4..], image.Height);
        header[8] = image.Type == PixelType.UInt16 ? (byte)16 : (byte)8;
        header[9] = colourType;
        header[10..].Clear();
        WriteChunk(file, "IHDR"u8, header);
        if (colours.Length > 0)
            WriteChunk(file, "PLTE"u8, colours);
        WriteChunk(file, "IDAT"u8, Compress(image, colourType == PngChunks.Palette));
        WriteChunk(file, "IEND"u8, []);
        return file.ToArray();
    }

    private static byte[] Compress(Image image, bool isIndexed)
    {
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Fastest))
        {
            var step = image.Channels * (image.Type == PixelType.UInt16 ? 2 : 1);
            var stride = image.Width * step;
            byte[] above = new byte[stride], row = new byte[stride], best = new byte[stride + 1], candidate = new byte[stride + 1];
            for (var y = 0; y < image.Height; y++)
            {
                image.Data.AsSpan(y * stride, stride).CopyTo(row);
                if (image.Type == PixelType.UInt16 && BitConverter.IsLittleEndian)
                {
                    var words = MemoryMarshal.Cast<byte, ushort>(row.AsSpan());
                    BinaryPrimitives.ReverseEndianness(words, words);
                }

                Filter(row, above, step, isIndexed ? 1 : Filters, ref best, ref candidate);
                zlib.Write(best);
                (row, above) = (above, row);
            }
        }

        return packed.ToArray();
    }

    // Of the five filters the one with the smallest sum of absolute differences, which the PNG standard recommends.
    private static void Filter(byte[] row, byte[] above, int step, int filters, ref byte[] best, ref byte[] candidate)
    {
        var least = long.MaxValue;
        for (var filter = 0; filter < filters; filter++)
        {
            candidate[0] = (byte)filter;
            var sum = Apply(filter, row, above, step, candidate.AsSpan(1));
            if (sum < least)
            {
                least = sum;
                (best, candidate) = (candidate, best);
            }
        }
    }

    private static long Apply(int filter, byte[] row, byte[] above, int step, Span<byte> target)
    {
        long sum = 0;
        for (var i = 0; i < row.Length; i++)
        {
            int left = i >= step ? row[i - step] : 0, up = above[i], corner = i >= step ? above[i - step] : 0;
            var predicted = filter switch { 0 => 0, 1 => left, 2 => up, 3 => (left + up) >> 1, _ => Paeth(left, up, corner) };
            target[i] = (byte)(row[i] - predicted);
            sum += Math.Abs((sbyte)target[i] == sbyte.MinValue ? 128 : (int)(sbyte)target[i]);
        }

        return sum;
    }

    private static int Paeth(int left, int up, int corner)
    {
        int toLeft = Math.Abs(up - corner), toUp = Math.Abs(left - corner), toCorner = Math.Abs(left + up - 2 * corner);
        return toLeft <= toUp && toLeft <= toCorner ? left : toUp <= toCorner ? up : corner;
    }

    private static void WriteChunk(MemoryStream file, ReadOnlySpan<byte> type, ReadOnlySpan<byte> data)
    {
        var chunk = new byte[data.Length + 12];
        BinaryPrimitives.WriteInt32BigEndian(chunk, data.Length);
        type.CopyTo(chunk.AsSpan(4));
        data.CopyTo(chunk.AsSpan(8));
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(data.Length + 8), Crc32.Of(chunk.AsSpan(4, data.Length + 4)));
        file.Write(chunk);
    }
}

using System.Buffers.Binary;

namespace Fovea.Imaging.Codecs;

/// <summary>Reads the first chunks of a WebP file: VP8 (lossy), VP8L (lossless) or VP8X (extended).</summary>
internal static class WebPHeader
{
    private const int AlphaFlag = 0x10, ExifFlag = 0x08;

    public static ImageInfo? Parse(ReadOnlySpan<byte> bytes, string name)
    {
        if (bytes.Length < 30)
            return null;
        var type = bytes.Slice(12, 4);
        var chunk = bytes[20..];
        if (type.SequenceEqual("VP8 "u8))
        {
            var size = new ImageSize(BinaryPrimitives.ReadUInt16LittleEndian(chunk[8..]) & 0x3FFF, BinaryPrimitives.ReadUInt16LittleEndian(chunk[6..]) & 0x3FFF);
            return new ImageInfo(ImageFormat.WebP, size, 3, 8);
        }

        if (type.SequenceEqual("VP8L"u8))
        {
            var bits = BinaryPrimitives.ReadUInt32LittleEndian(chunk[1..]);
            var size = new ImageSize((int)((bits >> 14) & 0x3FFF) + 1, (int)(bits & 0x3FFF) + 1);
            return new ImageInfo(ImageFormat.WebP, size, (bits >> 28 & 1) != 0 ? 4 : 3, 8);
        }

        if (!type.SequenceEqual("VP8X"u8))
            throw new DataException(name, "WebP", "another first chunk", "VP8, VP8L or VP8X");
        var flags = chunk[0];
        var canvas = new ImageSize(ReadUInt24(chunk[7..]) + 1, ReadUInt24(chunk[4..]) + 1);
        var orientation = 1;
        if ((flags & ExifFlag) != 0)
        {
            if (FindExif(bytes) is not { } found)
                return null;
            orientation = found;
        }

        return new ImageInfo(ImageFormat.WebP, canvas, (flags & AlphaFlag) != 0 ? 4 : 3, 8, orientation);
    }

    // The EXIF chunk comes after the picture, so the whole file is needed.
    private static int? FindExif(ReadOnlySpan<byte> bytes)
    {
        for (var at = 12L; at + 8 <= bytes.Length;)
        {
            var length = BinaryPrimitives.ReadUInt32LittleEndian(bytes[(int)(at + 4)..]);
            if (at + 8 + length > bytes.Length)
                return null;
            if (bytes.Slice((int)at, 4).SequenceEqual("EXIF"u8))
            {
                var block = bytes.Slice((int)at + 8, (int)length);
                return Exif.Orientation(block.StartsWith("Exif\0\0"u8) ? block[6..] : block);
            }

            at += 8 + length + (length & 1);
        }

        return bytes.Length >= BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]) + 8L ? 1 : null;
    }

    private static int ReadUInt24(ReadOnlySpan<byte> bytes) => bytes[0] | bytes[1] << 8 | bytes[2] << 16;
}

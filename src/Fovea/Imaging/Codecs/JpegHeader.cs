using System.Buffers.Binary;

namespace Fovea.Imaging.Codecs;

/// <summary>Walks the marker segments of a JPEG file up to its frame header.</summary>
internal static class JpegHeader
{
    public static ImageInfo? Parse(ReadOnlySpan<byte> bytes, string name)
    {
        var orientation = 1;
        for (var at = 2; ;)
        {
            while (at < bytes.Length && bytes[at] != 0xFF)
                at++;
            while (at < bytes.Length && bytes[at] == 0xFF)
                at++;
            if (at + 3 > bytes.Length)
                return null;
            var marker = bytes[at++];
            if (marker is 0x01 or (>= 0xD0 and <= 0xD8))
                continue;
            if (marker is 0xD9 or 0xDA)
                throw new DataException(name, null, "a JPEG without a frame header", "a complete JPEG file");
            var length = BinaryPrimitives.ReadUInt16BigEndian(bytes[at..]);
            if (length < 2)
                throw new DataException(name, $"JPEG segment {marker:X2}", $"length {length}", "at least 2");
            if (at + length > bytes.Length)
                return null;
            var segment = bytes.Slice(at + 2, length - 2);
            if (IsFrame(marker))
                return Frame(segment, orientation, name);
            if (marker == 0xE1 && segment.StartsWith("Exif\0\0"u8))
                orientation = Exif.Orientation(segment[6..]);
            at += length;
        }
    }

    private static bool IsFrame(byte marker) => marker is >= 0xC0 and <= 0xCF && marker is not (0xC4 or 0xC8 or 0xCC);

    private static ImageInfo Frame(ReadOnlySpan<byte> segment, int orientation, string name)
    {
        if (segment.Length < 6)
            throw new DataException(name, "JPEG frame header", $"{segment.Length} bytes", "at least 6 bytes");
        var size = new ImageSize(BinaryPrimitives.ReadUInt16BigEndian(segment[1..]), BinaryPrimitives.ReadUInt16BigEndian(segment[3..]));
        return new ImageInfo(ImageFormat.Jpeg, size, segment[5] == 1 ? 1 : 3, segment[0], orientation);
    }
}

using System.Buffers.Binary;

namespace Fovea.Imaging.Codecs;

/// <summary>Reads the chunks of a PNG file that come before its pixels.</summary>
internal static class PngHeader
{
    public const int SignatureLength = 8;

    public static ImageInfo? Parse(ReadOnlySpan<byte> bytes, string name)
    {
        if (bytes.Length < SignatureLength + 25)
            return null;
        if (!bytes.Slice(12, 4).SequenceEqual("IHDR"u8) || BinaryPrimitives.ReadInt32BigEndian(bytes[8..]) != 13)
            throw new DataException(name, "PNG", "another first chunk", "an IHDR chunk of 13 bytes");
        var header = bytes.Slice(16, 13);
        var size = new ImageSize(BinaryPrimitives.ReadInt32BigEndian(header[4..]), BinaryPrimitives.ReadInt32BigEndian(header));
        int depth = header[8], colour = header[9];
        CheckDepth(depth, colour, name);
        var (transparent, orientation) = (false, 1);
        for (var at = SignatureLength + 25; ;)
        {
            if (at + 8 > bytes.Length)
                return null;
            var length = BinaryPrimitives.ReadUInt32BigEndian(bytes[at..]);
            var type = bytes.Slice(at + 4, 4);
            if (type.SequenceEqual("IDAT"u8))
                break;
            if (length > int.MaxValue - 12 || at + 12 + (long)length > bytes.Length)
                return null;
            if (type.SequenceEqual("tRNS"u8))
                transparent = true;
            else if (type.SequenceEqual("eXIf"u8))
                orientation = Exif.Orientation(bytes.Slice(at + 8, (int)length));
            at += 12 + (int)length;
        }

        var channels = colour switch { 0 => transparent ? 4 : 1, 4 or 6 => 4, _ => transparent ? 4 : 3 };
        return new ImageInfo(ImageFormat.Png, size, channels, depth, orientation, colour == 3);
    }

    private static void CheckDepth(int depth, int colour, string name)
    {
        var legal = colour switch
        {
            0 => depth is 1 or 2 or 4 or 8 or 16,
            3 => depth is 1 or 2 or 4 or 8,
            2 or 4 or 6 => depth is 8 or 16,
            _ => false,
        };
        if (!legal)
            throw new DataException(name, "PNG IHDR", $"colour type {colour} with {depth} bits", "a combination that the PNG standard allows");
    }
}

using System.Buffers.Binary;

namespace Fovea.Imaging.Codecs;

/// <summary>Reads the header of a Windows bitmap.</summary>
internal static class BmpHeader
{
    public static ImageInfo? Parse(ReadOnlySpan<byte> bytes, string name)
    {
        if (bytes.Length < 30)
            return null;
        var headerLength = BinaryPrimitives.ReadInt32LittleEndian(bytes[14..]);
        int width, height, bits;
        if (headerLength == 12)
        {
            width = BinaryPrimitives.ReadUInt16LittleEndian(bytes[18..]);
            height = BinaryPrimitives.ReadUInt16LittleEndian(bytes[20..]);
            bits = BinaryPrimitives.ReadUInt16LittleEndian(bytes[24..]);
        }
        else if (headerLength is >= 40 and <= 256)
        {
            width = BinaryPrimitives.ReadInt32LittleEndian(bytes[18..]);
            height = BinaryPrimitives.ReadInt32LittleEndian(bytes[22..]);
            bits = BinaryPrimitives.ReadUInt16LittleEndian(bytes[28..]);
        }
        else
        {
            throw new DataException(name, "BMP header", $"length {headerLength}", "12 or 40 to 256");
        }

        // A negative height means rows from top to bottom.
        var size = new ImageSize(height == int.MinValue ? 0 : Math.Abs(height), width);
        return new ImageInfo(ImageFormat.Bmp, size, bits == 32 ? 4 : 3, Math.Min(bits, 8), HasPalette: bits <= 8);
    }
}

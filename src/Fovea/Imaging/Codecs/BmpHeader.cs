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
        if (bits > 8)
            return new ImageInfo(ImageFormat.Bmp, size, bits == 32 ? 4 : 3, 8);
        var entry = headerLength == 12 ? 3 : 4;
        var pixelsAt = BinaryPrimitives.ReadInt32LittleEndian(bytes[10..]);
        var palette = 14 + headerLength;
        var colours = Math.Min(1 << bits, (pixelsAt - palette) / entry);
        if (colours < 1)
            throw new DataException(name, "BMP header", $"pixels at byte {pixelsAt}", $"pixels after the palette at byte {palette}");
        if (palette + colours * entry > bytes.Length)
            return null;
        return new ImageInfo(ImageFormat.Bmp, size, IsGrey(bytes.Slice(palette, colours * entry), entry) ? 1 : 3, bits, HasPalette: true);
    }

    private static bool IsGrey(ReadOnlySpan<byte> palette, int entry)
    {
        for (var i = 0; i < palette.Length; i += entry)
        {
            if (palette[i] != palette[i + 1] || palette[i] != palette[i + 2])
                return false;
        }

        return true;
    }
}

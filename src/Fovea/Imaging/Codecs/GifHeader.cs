using System.Buffers.Binary;

namespace Fovea.Imaging.Codecs;

/// <summary>Reads the logical screen of a GIF file.</summary>
internal static class GifHeader
{
    public static ImageInfo? Parse(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 13)
            return null;
        var size = new ImageSize(BinaryPrimitives.ReadUInt16LittleEndian(bytes[8..]), BinaryPrimitives.ReadUInt16LittleEndian(bytes[6..]));
        return new ImageInfo(ImageFormat.Gif, size, 3, 8, HasPalette: true);
    }
}

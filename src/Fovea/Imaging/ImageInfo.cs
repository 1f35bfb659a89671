using Fovea.Imaging.Codecs;

namespace Fovea.Imaging;

/// <summary>What the header of an image file says; nothing is decoded.</summary>
/// <param name="Format">File format, by content; the extension does not matter.</param>
/// <param name="StoredSize">Size as stored, before <paramref name="Orientation"/> is applied.</param>
/// <param name="Channels">Channels the decoded picture has: 1, 3 or 4; a palette counts as 3 (4 with transparency), CMYK as 3.</param>
/// <param name="BitDepth">Bits of a stored sample: 1, 2, 4, 8, 12, 16 or 32; of a palette's indices.</param>
/// <param name="Orientation">EXIF orientation, 1 (upright) to 8; 5 to 8 exchange width and height.</param>
/// <param name="HasPalette">Whether the samples are indices of a palette.</param>
public sealed record ImageInfo(ImageFormat Format, ImageSize StoredSize, int Channels, int BitDepth, int Orientation = 1, bool HasPalette = false)
{
    private const int PrefixLength = 16 * 1024;

    /// <summary>Size of the decoded picture: upright, after EXIF orientation.</summary>
    public ImageSize Size => Orientation >= 5 ? new ImageSize(StoredSize.Width, StoredSize.Height) : StoredSize;

    /// <summary>Reads the header of an image file; of a large file usually only the first kilobytes.</summary>
    /// <param name="path">Path of the file.</param>
    /// <exception cref="DataException">The file is missing, empty, of another kind, or ends within its header.</exception>
    public static ImageInfo Read(string path)
    {
        using var file = ImageFile.Open(path);
        var length = RandomAccess.GetLength(file);
        var prefix = new byte[(int)Math.Min(PrefixLength, length)];
        ImageFile.Fill(file, prefix, path);
        if (Header.Parse(prefix, length, path) is { } info)
            return info;
        var all = prefix.Length < length ? ImageFile.ReadAll(path) : prefix;
        return Parse(all, path);
    }

    /// <summary>Reads the header of an image in memory.</summary>
    /// <param name="bytes">The whole file.</param>
    /// <param name="name">What errors call it.</param>
    /// <exception cref="DataException">It is empty, of another kind, or ends within its header.</exception>
    public static ImageInfo Parse(ReadOnlySpan<byte> bytes, string name) =>
        Header.Parse(bytes, bytes.Length, name)
        ?? throw new DataException(name, null, $"{bytes.Length} bytes that end within the header", "a complete image file");
}

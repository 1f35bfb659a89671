using System.Globalization;
using System.Text;

namespace Fovea.Imaging.Codecs;

/// <summary>Tells the format from the first bytes and reads the header of that format.</summary>
internal static class Header
{
    private const string Expected = "a JPEG, PNG, BMP, TIFF, WebP or GIF image";

    /// <summary>The header, or null when <paramref name="bytes"/> end before it does.</summary>
    /// <param name="bytes">The beginning of the file.</param>
    /// <param name="fileLength">Length of the whole file, against which declared sizes are checked.</param>
    /// <param name="name">What errors call the file.</param>
    public static ImageInfo? Parse(ReadOnlySpan<byte> bytes, long fileLength, string name)
    {
        if (bytes.Length == 0)
            throw new DataException(name, null, "0 bytes", Expected);
        var info = Detect(bytes) switch
        {
            ImageFormat.Jpeg => JpegHeader.Parse(bytes, name),
            ImageFormat.Png => PngHeader.Parse(bytes, name),
            ImageFormat.Bmp => BmpHeader.Parse(bytes, name),
            ImageFormat.Tiff => TiffHeader.Parse(bytes, name),
            ImageFormat.WebP => WebPHeader.Parse(bytes, name),
            ImageFormat.Gif => GifHeader.Parse(bytes),
            _ => throw new DataException(name, null, Describe(bytes), Expected),
        };
        if (info is not null)
            CheckSize(info, fileLength, name);
        return info;
    }

    private static ImageFormat? Detect(ReadOnlySpan<byte> bytes)
    {
        if (bytes.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]))
            return ImageFormat.Jpeg;
        if (bytes.StartsWith((ReadOnlySpan<byte>)[0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]))
            return ImageFormat.Png;
        if (bytes.StartsWith("II*\0"u8) || bytes.StartsWith("MM\0*"u8))
            return ImageFormat.Tiff;
        if (bytes.StartsWith("GIF87a"u8) || bytes.StartsWith("GIF89a"u8))
            return ImageFormat.Gif;
        if (bytes.StartsWith("RIFF"u8) && bytes.Length >= 12 && bytes[8..12].SequenceEqual("WEBP"u8))
            return ImageFormat.WebP;
        return bytes.StartsWith("BM"u8) ? ImageFormat.Bmp : null;
    }

    // The best compression each format is capable of, generously: a header that claims more is damaged or hostile, and
    // must not make us allocate.
    private static void CheckSize(ImageInfo info, long fileLength, string name)
    {
        var (height, width) = info.StoredSize;
        if (height <= 0 || width <= 0)
            throw new DataException(name, "size", info.StoredSize.ToString(), "a width and height of at least 1");
        var pixels = (long)height * width;
        var bytes = pixels * info.Channels * (info.BitDepth > 16 ? 4 : info.BitDepth > 8 ? 2 : 1);
        if (bytes > Array.MaxLength)
            throw new DataException(name, "size", info.StoredSize.ToString(), $"a picture of less than {Array.MaxLength} bytes");
        var pixelsPerByte = info.Format switch
        {
            ImageFormat.Png => 1032L * 8 / info.BitDepth,
            ImageFormat.Bmp or ImageFormat.Gif => 8192,
            _ => 65536,
        };
        if (pixels > (fileLength + 64) * pixelsPerByte)
            throw new DataException(name, "size", $"{info.StoredSize} in a file of {fileLength} bytes", "a size that the file can hold");
    }

    private static string Describe(ReadOnlySpan<byte> bytes)
    {
        var start = bytes[..Math.Min(8, bytes.Length)];
        var hex = new StringBuilder("a file that starts with the bytes");
        foreach (var value in start)
            hex.Append(CultureInfo.InvariantCulture, $" {value:X2}");
        var text = true;
        foreach (var value in start)
            text &= value is >= 0x20 and < 0x7F;
        return text ? hex.Append(CultureInfo.InvariantCulture, $" (\"{Encoding.ASCII.GetString(start)}\")").ToString() : hex.ToString();
    }
}

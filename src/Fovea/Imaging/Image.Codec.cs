using System.Globalization;
using Fovea.Imaging.Codecs;
using Fovea.Torch.Serialization;

namespace Fovea.Imaging;

public sealed partial class Image
{
    /// <summary>Reads and decodes an image file, upright: EXIF orientation is applied.</summary>
    /// <param name="path">A JPEG, PNG, BMP, TIFF, WebP or GIF file; told by content, not by extension.</param>
    /// <param name="channels">The channels to return.</param>
    /// <exception cref="DataException">The file is missing, empty, no image, damaged or truncated.</exception>
    public static Image Load(string path, ImageChannels channels = ImageChannels.Rgb) => Decode(ImageFile.ReadAll(path), path, channels);

    /// <summary>Decodes an image in memory, upright: EXIF orientation is applied.</summary>
    /// <param name="bytes">The whole file.</param>
    /// <param name="name">What errors call it.</param>
    /// <param name="channels">The channels to return.</param>
    /// <exception cref="DataException">It is empty, no image, damaged or truncated.</exception>
    public static Image Decode(ReadOnlySpan<byte> bytes, string name, ImageChannels channels = ImageChannels.Rgb)
    {
        var info = ImageInfo.Parse(bytes, name);
        CheckRoom(info, channels, name);
        var stored = info.Format switch
        {
            ImageFormat.Jpeg => JpegDecoder.Decode(bytes, info, name),
            ImageFormat.Png => PngDecoder.Decode(bytes, info, name),
            ImageFormat.Gif => GifDecoder.Decode(bytes, info, name),
            _ => OpenCvCodec.Decode(bytes, info, name),
        };
        if (stored.Type == PixelType.Float32 && channels != ImageChannels.Unchanged)
            throw new DataException(name, null, "floating-point samples", $"8 or 16 bits, whose range is known; scale them and save the picture anew (a program may load it as {nameof(ImageChannels)}.{nameof(ImageChannels.Unchanged)})");
        return stored.ConvertTo(channels).Upright(info.Orientation);
    }

    // The header was checked for what is stored; grey repeated as colour, and a GIF with transparency, take more.
    private static void CheckRoom(ImageInfo info, ImageChannels channels, string name)
    {
        var wanted = channels switch { ImageChannels.Grey => 1, ImageChannels.Unchanged => 0, _ => 3 };
        var most = Math.Max(info.Format == ImageFormat.Gif ? 4 : info.Channels, wanted);
        if ((long)info.StoredSize.Height * info.StoredSize.Width * most > Array.MaxLength)
            throw new DataException(name, "size", $"{info.StoredSize}, {most} channels", $"a picture of less than {Array.MaxLength} bytes; cut it into parts");
    }

    /// <summary>Reads a label image: palette indices or grey values exactly as stored, one byte a pixel.</summary>
    /// <param name="path">A PNG file of 1, 2, 4 or 8 bits with palette or grey; BMP and TIFF only when grey of 8 bits.</param>
    /// <returns>1 channel of <see cref="PixelType.UInt8"/>; samples of 1, 2 and 4 bits are not scaled.</returns>
    /// <exception cref="DataException">The file is missing, damaged, or of a kind that cannot hold class indices.</exception>
    public static Image LoadIndices(string path)
    {
        var bytes = ImageFile.ReadAll(path);
        var info = ImageInfo.Parse(bytes, path);
        switch (info.Format)
        {
            case ImageFormat.Png:
                return PngDecoder.DecodeIndices(bytes, info, path).Upright(info.Orientation);
            case ImageFormat.Bmp or ImageFormat.Tiff:
                var image = OpenCvCodec.Decode(bytes, info, path);
                if (image.Channels == 1 && image.Type == PixelType.UInt8)
                    return image.Upright(info.Orientation);
                throw new DataException(path, null, $"{image.Channels} channels of {image.Type}", "one channel of 8 bits with a class a value; save label images as PNG");
            default:
                throw new DataException(path, null, $"a {info.Format} file", "a PNG with palette indices or grey values; other formats change labels");
        }
    }

    /// <summary>Encodes in the format of an extension.</summary>
    /// <param name="extension">".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff" or ".webp"; the dot may be left out.</param>
    /// <param name="quality">1 to 100, of JPEG and WebP; the others lose nothing.</param>
    /// <exception cref="FoveaException">The extension is unknown or the format cannot hold these samples.</exception>
    public byte[] Encode(string extension, int quality = 95)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(quality, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(quality, 100);
        var kind = "." + extension.TrimStart('.').ToLower(CultureInfo.InvariantCulture);
        var legal = kind switch
        {
            ".jpg" or ".jpeg" => Type == PixelType.UInt8 && Channels != 4,
            ".bmp" or ".webp" => Type == PixelType.UInt8,
            ".png" => Type != PixelType.Float32,
            ".tif" or ".tiff" => true,
            _ => throw new FoveaException($"image format '{extension}': expected .jpg, .png, .bmp, .tiff or .webp"),
        };
        if (!legal)
            throw new FoveaException($"{kind} cannot hold {Channels} channels of {Type}; convert the picture first or save it as .png or .tiff");
        return kind switch
        {
            ".jpg" or ".jpeg" => JpegEncoder.Encode(this, quality),
            ".png" => PngEncoder.Encode(this),
            _ => OpenCvCodec.Encode(this, kind, quality),
        };
    }

    /// <summary>Writes the picture in the format of the path's extension; a file is replaced only by a complete one.</summary>
    /// <param name="path">Path with one of the extensions of <see cref="Encode"/>.</param>
    /// <param name="quality">1 to 100, of JPEG and WebP.</param>
    /// <exception cref="FoveaException">The extension is unknown, the format cannot hold these samples, or the file cannot be
    /// written.</exception>
    public void Save(string path, int quality = 95)
    {
        WriteWhole(path, Encode(Path.GetExtension(path), quality));
    }

    /// <summary>Writes beside the file and then renames, so that no half file is ever seen.</summary>
    internal static void WriteWhole(string path, byte[] bytes)
    {
        var temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            File.WriteAllBytes(temporary, bytes);
            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (File.Exists(temporary))
                File.Delete(temporary);
            throw AtomicFile.Unwritable(path, e);
        }
    }
}

using Fovea.Imaging.Native;

namespace Fovea.Imaging.Codecs;

/// <summary>BMP, TIFF and WebP through OpenCV.</summary>
internal static unsafe class OpenCvCodec
{
    /// <summary>Decodes as stored: depth and alpha kept, not yet upright.</summary>
    public static Image Decode(ReadOnlySpan<byte> bytes, ImageInfo info, string name)
    {
        NativeImports.Ensure();
        if (info.Format == ImageFormat.Tiff)
            bytes = TiffHeader.Plain(bytes);
        var status = CodecsNative.Decode(bytes, bytes.Length, out var handle, out var shape);
        if (status == NativeStatus.BadData)
            throw new DataException(name, null, $"a damaged or truncated {info.Format} file ({CodecsNative.LastErrorText})", "a complete image file");
        NativeImports.Check(status, &CodecsNative.LastError, name);
        try
        {
            var size = new ImageSize(shape.Height, shape.Width);
            if (size != info.StoredSize)
                throw new DataException(name, "size", $"{size} decoded", $"{info.StoredSize} as the header says");
            if (shape.Channels is not (1 or 3 or 4))
                throw new DataException(name, null, $"{shape.Channels} channels", "1, 3 or 4 channels");
            var image = new Image(size, shape.Channels, (PixelType)shape.Depth);
            fixed (byte* data = image.Data)
            {
                var target = NativePixels.Of(image, data);
                NativeImports.Check(CodecsNative.Copy(handle, &target), &CodecsNative.LastError, name);
            }

            return image;
        }
        finally
        {
            CodecsNative.Release(handle);
        }
    }

    public static byte[] Encode(Image image, string extension, int quality)
    {
        NativeImports.Ensure();
        fixed (byte* data = image.Data)
        {
            var source = NativePixels.Of(image, data);
            NativeImports.Check(CodecsNative.Encode(&source, extension, quality, out var handle), &CodecsNative.LastError, $"encoding as {extension}");
            CodecsNative.Buffer(handle, out var bytes, out var length);
            var encoded = new ReadOnlySpan<byte>(bytes, checked((int)length)).ToArray();
            CodecsNative.BufferRelease(handle);
            return encoded;
        }
    }
}

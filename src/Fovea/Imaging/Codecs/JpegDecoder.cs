using Fovea.Imaging.Native;

namespace Fovea.Imaging.Codecs;

/// <summary>Decodes JPEG through libjpeg, with the exact inverse DCT and smooth chroma that Pillow uses too.</summary>
internal static class JpegDecoder
{
    /// <summary>Decodes to grey (grey files) or RGB, not yet upright.</summary>
    public static Image Decode(ReadOnlySpan<byte> bytes, ImageInfo info, string name)
    {
        NativeImports.Ensure();
        var image = new Image(info.StoredSize, info.Channels);
        var status = ImageNative.JpegDecode(bytes, bytes.Length, info.Channels, info.StoredSize.Width, info.StoredSize.Height, image.Data);
        return status switch
        {
            NativeStatus.Ok => image,
            NativeStatus.BadData => throw new DataException(name, null, $"a damaged or truncated JPEG ({ImageNative.LastErrorText})", "a complete JPEG file"),
            _ => throw new FoveaException($"{name}: {ImageNative.LastErrorText}"),
        };
    }
}

using Fovea.Imaging.Native;

namespace Fovea.Imaging.Codecs;

/// <summary>Encodes JPEG through libjpeg.</summary>
internal static unsafe class JpegEncoder
{
    public static byte[] Encode(Image image, int quality)
    {
        NativeImports.Ensure();
        byte* bytes = null;
        try
        {
            var status = ImageNative.JpegEncode(image.Data, image.Width, image.Height, image.Channels, quality, out bytes, out var length);
            NativeImports.Check(status, &ImageNative.LastError, "encoding as JPEG");
            return new ReadOnlySpan<byte>(bytes, checked((int)length)).ToArray();
        }
        finally
        {
            ImageNative.Free(bytes);
        }
    }
}

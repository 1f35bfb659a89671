using System.Runtime.InteropServices;

namespace Fovea.Imaging.Native;

/// <summary>A picture as the native side sees it; mirrors <c>Pixels</c> in pixels.h.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativePixels
{
    public byte* Data;
    public int Width;
    public int Height;
    public int Channels;
    public int Depth;

    public static NativePixels Of(Image image, byte* data) =>
        new() { Data = data, Width = image.Width, Height = image.Height, Channels = image.Channels, Depth = (int)image.Type };
}

using System.Runtime.InteropServices;

namespace Fovea.Imaging.Native;

/// <summary>Imports of libfovea_image: JPEG, and OpenCV's core and imgproc.</summary>
internal static unsafe partial class ImageNative
{
    private const string Library = "fovea_image";

    /// <summary>Runs a picture-to-picture operation over pinned arrays and turns its status into an exception.</summary>
    public delegate NativeStatus Operation(NativePixels* source, NativePixels* target);

    public static void Run(Image source, Image target, string name, Operation operation)
    {
        NativeImports.Ensure();
        fixed (byte* from = source.Data, to = target.Data)
        {
            var (input, output) = (NativePixels.Of(source, from), NativePixels.Of(target, to));
            NativeImports.Check(operation(&input, &output), &LastError, name);
        }
    }

    public static string LastErrorText => Marshal.PtrToStringUTF8(LastError()) ?? "";

    [LibraryImport(Library, EntryPoint = "fi_last_error")]
    public static partial nint LastError();

    [LibraryImport(Library, EntryPoint = "fi_opencv_version")]
    public static partial nint OpenCvVersion();

    [LibraryImport(Library, EntryPoint = "fi_jpeg_decode")]
    public static partial NativeStatus JpegDecode(ReadOnlySpan<byte> bytes, long length, int channels, int width, int height, Span<byte> pixels);

    [LibraryImport(Library, EntryPoint = "fi_jpeg_encode")]
    public static partial NativeStatus JpegEncode(ReadOnlySpan<byte> pixels, int width, int height, int channels, int quality, out byte* bytes, out long length);

    [LibraryImport(Library, EntryPoint = "fi_free")]
    public static partial void Free(byte* bytes);

    [LibraryImport(Library, EntryPoint = "fi_orient")]
    public static partial NativeStatus Orient(NativePixels* source, NativePixels* target, int orientation);
}

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

    [LibraryImport(Library, EntryPoint = "fi_resize")]
    public static partial NativeStatus Resize(NativePixels* source, NativePixels* target, int interpolation);

    [LibraryImport(Library, EntryPoint = "fi_warp_affine")]
    public static partial NativeStatus WarpAffine(NativePixels* source, NativePixels* target, ReadOnlySpan<double> inverse, int interpolation, int border, ReadOnlySpan<double> value);

    [LibraryImport(Library, EntryPoint = "fi_warp_perspective")]
    public static partial NativeStatus WarpPerspective(NativePixels* source, NativePixels* target, ReadOnlySpan<double> inverse, int interpolation, int border, ReadOnlySpan<double> value);

    [LibraryImport(Library, EntryPoint = "fi_remap")]
    public static partial NativeStatus Remap(NativePixels* source, NativePixels* target, ReadOnlySpan<float> x, ReadOnlySpan<float> y, int interpolation, int border, ReadOnlySpan<double> value);

    [LibraryImport(Library, EntryPoint = "fi_flip")]
    public static partial NativeStatus Flip(NativePixels* source, NativePixels* target, int axis);

    [LibraryImport(Library, EntryPoint = "fi_pad")]
    public static partial NativeStatus Pad(NativePixels* source, NativePixels* target, int left, int top, int border, ReadOnlySpan<double> value);

    [LibraryImport(Library, EntryPoint = "fi_blur")]
    public static partial NativeStatus Blur(NativePixels* source, NativePixels* target, int kernel, double sigma);

    [LibraryImport(Library, EntryPoint = "fi_convert_colour")]
    public static partial NativeStatus ConvertColour(NativePixels* source, NativePixels* target, int conversion);

    [LibraryImport(Library, EntryPoint = "fi_components")]
    public static partial NativeStatus Components(ReadOnlySpan<byte> mask, int width, int height, int connectivity, Span<int> labels, out int count);

    [LibraryImport(Library, EntryPoint = "fi_distance")]
    public static partial NativeStatus Distance(ReadOnlySpan<byte> mask, int width, int height, Span<float> distances);
}

using System.Runtime.InteropServices;

namespace Fovea.Imaging.Native;

/// <summary>Imports of libfovea_codecs: the formats that OpenCV's imgcodecs reads and writes.</summary>
internal static unsafe partial class CodecsNative
{
    private const string Library = "fovea_codecs";

    public static string LastErrorText => Marshal.PtrToStringUTF8(LastError()) ?? "";

    [LibraryImport(Library, EntryPoint = "fc_last_error")]
    public static partial nint LastError();

    [LibraryImport(Library, EntryPoint = "fc_decode")]
    public static partial NativeStatus Decode(ReadOnlySpan<byte> bytes, long length, out nint handle, out NativePixels shape);

    [LibraryImport(Library, EntryPoint = "fc_copy")]
    public static partial NativeStatus Copy(nint handle, NativePixels* target);

    [LibraryImport(Library, EntryPoint = "fc_release")]
    public static partial void Release(nint handle);

    [LibraryImport(Library, EntryPoint = "fc_encode", StringMarshalling = StringMarshalling.Utf8)]
    public static partial NativeStatus Encode(NativePixels* source, string extension, int quality, out nint handle);

    [LibraryImport(Library, EntryPoint = "fc_buffer")]
    public static partial void Buffer(nint handle, out byte* bytes, out long length);

    [LibraryImport(Library, EntryPoint = "fc_buffer_release")]
    public static partial void BufferRelease(nint handle);
}

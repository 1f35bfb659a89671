using System.Runtime.InteropServices;

namespace Fovea.Imaging.Native;

/// <summary>Imports of libfovea_draw: librsvg.</summary>
internal static unsafe partial class DrawNative
{
    private const string Library = "fovea_draw";

    [LibraryImport(Library, EntryPoint = "fd_last_error")]
    public static partial nint LastError();

    [LibraryImport(Library, EntryPoint = "fd_librsvg_version")]
    public static partial nint LibrsvgVersion();

    [LibraryImport(Library, EntryPoint = "fd_render")]
    public static partial NativeStatus Render(ReadOnlySpan<byte> svg, long length, int width, int height, Span<byte> pixels);
}

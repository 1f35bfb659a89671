using System.Runtime.InteropServices;
using Fovea.Imaging.Native;

namespace Fovea.Imaging;

/// <summary>The versions of the libraries that decode, move and draw pictures.</summary>
public static class ImagingLibraries
{
    /// <summary>Version of OpenCV; loads the library.</summary>
    /// <exception cref="FoveaException">The library does not load; the message says why.</exception>
    public static string OpenCvVersion => Text(ImageNative.OpenCvVersion);

    /// <summary>Version of librsvg that drawings were built with; loads the library.</summary>
    /// <exception cref="FoveaException">The library does not load; the message says why.</exception>
    public static string LibrsvgVersion => Text(DrawNative.LibrsvgVersion);

    private static string Text(Func<nint> version)
    {
        NativeImports.Ensure();
        return Marshal.PtrToStringUTF8(version()) ?? "";
    }
}

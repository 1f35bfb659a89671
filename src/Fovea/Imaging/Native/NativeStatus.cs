using System.Runtime.InteropServices;
using Fovea.Torch.Native;

namespace Fovea.Imaging.Native;

/// <summary>What the native exports return.</summary>
internal enum NativeStatus
{
    Ok = 0,
    Failed = 1,
    BadData = 2,
    OutOfMemory = 3,
}

/// <summary>Sees to it, before the first call, that the native libraries are found.</summary>
internal static class NativeImports
{
    private static readonly Lock RegisterLock = new();
    private static volatile bool registered;

    /// <summary>Registers the resolver once; nothing is loaded until the first call needs it.</summary>
    public static void Ensure()
    {
        if (registered)
            return;
        lock (RegisterLock)
        {
            if (!registered)
                NativeLibraries.Register(typeof(NativeImports).Assembly);
            registered = true;
        }
    }

    /// <summary>Turns a status other than Ok into an exception with the library's own text.</summary>
    public static unsafe void Check(NativeStatus status, delegate*<nint> lastError, string operation)
    {
        if (status == NativeStatus.Ok)
            return;
        var text = Marshal.PtrToStringUTF8(lastError()) ?? "";
        throw new FoveaException($"{operation}: {text}");
    }
}

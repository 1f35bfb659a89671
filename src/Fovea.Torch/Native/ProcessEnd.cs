using System.Runtime.InteropServices;

namespace Fovea.Torch.Native;

/// <summary>Ends the process at once: what libtorch, OpenBLAS and the runtime would tidy up takes longer than a small prediction.</summary>
public static partial class ProcessEnd
{
    /// <summary>Writes out what is still in buffers and ends; to be called when every file is closed.</summary>
    /// <param name="exitCode">What the process returns.</param>
    public static void Now(int exitCode)
    {
        Console.Out.Flush();
        Console.Error.Flush();
        if (OperatingSystem.IsLinux())
            Leave(exitCode);
        Environment.Exit(exitCode);
    }

    [LibraryImport("libc", EntryPoint = "_exit")]
    private static partial void Leave(int exitCode);
}

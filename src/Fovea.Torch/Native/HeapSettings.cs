using System.Runtime.InteropServices;

namespace Fovea.Torch.Native;

/// <summary>Makes the C library give the memory of large tensors back at once; what the user set stays.</summary>
internal static partial class HeapSettings
{
    private const int TrimThreshold = -1, MapThreshold = -3;
    private const int LargeTensor = 16 << 20, KeptFree = 64 << 20;

    /// <summary>Chooses; to be called before tensors are made.</summary>
    public static void Choose()
    {
        if (!OperatingSystem.IsLinux() || Environment.GetEnvironmentVariable("MALLOC_MMAP_THRESHOLD_") is not null || Environment.GetEnvironmentVariable("MALLOC_TRIM_THRESHOLD_") is not null)
            return;
        // By itself glibc takes up to 32 MiB from its heap, where an aligned block (as all of libtorch's are) does not fit the hole that
        // its like left behind: RoIAlign's results piled up sixfold. Setting one threshold stops the other from following it.
        _ = SetOption(MapThreshold, LargeTensor);
        _ = SetOption(TrimThreshold, KeptFree);
    }

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int SetOption(int option, int value);
}

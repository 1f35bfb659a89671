using System.Runtime.InteropServices;

namespace Fovea.Torch.Native;

/// <summary>
/// Makes the C library give the memory of large blocks back at once, such as a kernel's scratch; what the user set stays. Tensors of 1 MiB and
/// more have an allocator of their own (native/torch/memory.cpp), which keeps within what was in use.
/// </summary>
internal static partial class HeapSettings
{
    private const int TrimThreshold = -1, MapThreshold = -3;
    private const int LargeBlock = 16 << 20, KeptFree = 64 << 20;

    /// <summary>Chooses; to be called before tensors are made.</summary>
    public static void Choose()
    {
        if (!OperatingSystem.IsLinux() || Environment.GetEnvironmentVariable("MALLOC_MMAP_THRESHOLD_") is not null || Environment.GetEnvironmentVariable("MALLOC_TRIM_THRESHOLD_") is not null)
            return;
        // By itself glibc takes up to 32 MiB from its heap, where an aligned block does not fit the hole that
        // its like left behind: such blocks piled up sixfold. Setting one threshold stops the other from following it.
        _ = SetOption(MapThreshold, LargeBlock);
        _ = SetOption(TrimThreshold, KeptFree);
    }

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int SetOption(int option, int value);
}

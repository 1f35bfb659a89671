using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace Fovea.Torch.Native;

/// <summary>Lets libtorch and OpenBLAS use the widest vectors of the processor, which both are shy of; what the user set stays.</summary>
internal static partial class ProcessorSettings
{
    private static int done;

    /// <summary>Chooses; to be called before the libraries are loaded, which read it once.</summary>
    public static void Choose()
    {
        if (Interlocked.Exchange(ref done, 1) != 0 || !OperatingSystem.IsLinux() || !Avx512BW.IsSupported)
            return;
        // libtorch's own kernels stay at 256 bits by default, because older processors with 512 slow their clock for them. Those
        // that compute bfloat16 natively do not: there sums, activations and norms in bfloat16 take half the time.
        if (Processor.HasBFloat16)
            _ = SetVariable("ATEN_CPU_CAPABILITY", "avx512", overwrite: 0);
        // OpenBLAS 0.3.21 takes a newer AMD for one without 512 bits: matrix products of half the speed.
        if (Processor.IsAmd)
            _ = SetVariable("OPENBLAS_CORETYPE", "SKYLAKEX", overwrite: 0);
    }

    // The libraries read the C library's environment, which .NET's own does not change.
    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetVariable(string name, string value, int overwrite);
}

using System.Runtime.InteropServices;

namespace Fovea.Torch.Native;

/// <summary>
/// Lets libtorch use the widest vectors for its own kernels. Its default stays at 256 bits, because older processors with 512
/// slow their clock for them; those that compute bfloat16 natively do not, and there sums, activations and norms in bfloat16
/// take half the time.
/// </summary>
internal static partial class VectorWidth
{
    private const string Variable = "ATEN_CPU_CAPABILITY";

    /// <summary>Chooses the width; to be called before libtorch is loaded, which reads it once. What the user set stays.</summary>
    public static void Choose()
    {
        // libtorch reads the C library's environment, which .NET's own does not change.
        if (OperatingSystem.IsLinux() && Processor.HasBFloat16 && System.Runtime.Intrinsics.X86.Avx512BW.IsSupported)
            _ = SetVariable(Variable, "avx512", 0);
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetVariable(string name, string value, int overwrite);
}

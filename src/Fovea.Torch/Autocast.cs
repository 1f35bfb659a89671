using Fovea.Torch.Native;

namespace Fovea.Torch;

/// <summary>
/// Runs the operators that gain from it in a lower precision until disposed: convolutions and matrix products in
/// bfloat16 or float16, sums and losses in float32, as libtorch's autocast decides.
/// </summary>
public sealed unsafe class Autocast : IDisposable
{
    [ThreadStatic]
    private static int active;

    private readonly int cuda;
    private readonly int previousEnabled;
    private readonly int previousDtype;
    private bool disposed;

    /// <summary>Starts autocast on this thread.</summary>
    /// <param name="device">Device whose operators are cast.</param>
    /// <param name="dtype"><see cref="Dtype.BFloat16"/>, or on CUDA also <see cref="Dtype.Float16"/>.</param>
    /// <exception cref="FoveaException">Float16 was asked for on the processor.</exception>
    public Autocast(Device device, Dtype dtype = Dtype.BFloat16)
    {
        if (dtype != Dtype.BFloat16 && !(device.IsCuda && dtype == Dtype.Float16))
            throw new FoveaException($"autocast: found {dtype} on {device}, expected BFloat16, or Float16 on cuda");
        TorchRuntime.EnsureLoaded();
        cuda = device.IsCuda ? 1 : 0;
        int enabled, before;
        NativeMethods.Check(NativeMethods.ft_autocast_enter(cuda, (int)dtype, &enabled, &before), "autocast");
        previousEnabled = enabled;
        previousDtype = before;
        active++;
    }

    /// <summary>Whether this thread casts.</summary>
    internal static bool IsActive => active > 0;

    /// <summary>Computes in the tensors' own types on the processor although this thread casts, until the result is disposed.</summary>
    internal static IDisposable Suspend() => new Suspension();

    /// <summary>Restores what was before.</summary>
    public void Dispose()
    {
        if (disposed)
            return;
        disposed = true;
        active--;
        NativeMethods.Check(NativeMethods.ft_autocast_exit(cuda, previousEnabled, previousDtype), "autocast");
    }

    private sealed class Suspension : IDisposable
    {
        private readonly int casts = active;

        public Suspension()
        {
            NativeMethods.Check(NativeMethods.ft_autocast_exit(0, 0, (int)Dtype.BFloat16), "autocast");
            active = 0;
        }

        public void Dispose()
        {
            int enabled, before;
            NativeMethods.Check(NativeMethods.ft_autocast_enter(0, (int)Dtype.BFloat16, &enabled, &before), "autocast");
            active = casts;
        }
    }
}

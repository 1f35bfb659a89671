using Fovea.Torch;

namespace Fovea.Ops;

/// <summary>Decides between the kernels of this room and the same operator composed from ATen's.</summary>
internal static class OpsPath
{
    [ThreadStatic]
    private static bool composedOnly;

    /// <summary>Whether kernels may be used on this thread at all.</summary>
    public static bool UsesKernels => !composedOnly;

    /// <summary>Whether the kernels can take a tensor: single or double precision on the processor.</summary>
    public static bool HasKernel(Tensor tensor) => !composedOnly && !tensor.Device.IsCuda && tensor.Dtype is (Dtype.Float32 or Dtype.Float64);

    /// <summary>Whether autograd would record an operator on any of the tensors, which the kernels without a backward cannot serve.</summary>
    public static bool IsRecorded(params ReadOnlySpan<Tensor> tensors)
    {
        if (!Autograd.IsEnabled)
            return false;
        foreach (var tensor in tensors)
        {
            if (tensor.RequiresGrad)
                return true;
        }

        return false;
    }

    /// <summary>Uses no kernel on this thread until disposed, so that what a GPU would run can be tested without one.</summary>
    public static IDisposable ComposedOnly() => new Composed();

    /// <summary>A tensor as the kernels read it: contiguous, detached, of the given type.</summary>
    public static Tensor Plain(Tensor tensor, Dtype dtype) => tensor.Detach().To(dtype).Contiguous();

    /// <summary>Single precision for half-sized types, which hold coordinates too coarsely; others as they are.</summary>
    public static Dtype ComputeType(Tensor tensor) => tensor.Dtype == Dtype.Float64 ? Dtype.Float64 : Dtype.Float32;

    private sealed class Composed : IDisposable
    {
        private readonly bool before = composedOnly;

        public Composed() => composedOnly = true;

        public void Dispose() => composedOnly = before;
    }
}

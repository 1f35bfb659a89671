using Fovea.Torch.Native;

namespace Fovea.Torch;

/// <summary>Gradients: modes that record or do not, backward passes, hooks.</summary>
public static unsafe class Autograd
{
    /// <summary>Whether operators on this thread record what backward will need.</summary>
    public static bool IsEnabled
    {
        get
        {
            TorchRuntime.EnsureLoaded();
            int result;
            NativeMethods.Check(NativeMethods.ft_grad_mode_is_enabled(&result), "grad_mode");
            return result != 0;
        }
    }

    /// <summary>Records nothing until disposed.</summary>
    public static GradMode NoGrad() => new(false);

    /// <summary>Records again, inside <see cref="NoGrad"/>, until disposed.</summary>
    public static GradMode EnableGrad() => new(true);

    /// <summary>
    /// Records nothing and keeps no version counters until disposed: the fastest way to predict. Tensors made here cannot
    /// enter a graph later.
    /// </summary>
    public static InferenceMode Inference() => new();

    /// <summary>Gradients of outputs with respect to inputs, without touching any accumulated gradient.</summary>
    /// <param name="outputs">What is differentiated.</param>
    /// <param name="inputs">With respect to what.</param>
    /// <param name="gradients">Gradients of the outputs; null for scalars, where it is 1.</param>
    /// <param name="retainGraph">Keep the graph for another backward.</param>
    /// <param name="createGraph">Record this backward, for second derivatives.</param>
    /// <param name="allowUnused">Give null for an input that the outputs do not depend on, instead of failing.</param>
    public static Tensor?[] Grad(IReadOnlyList<Tensor> outputs, IReadOnlyList<Tensor> inputs, IReadOnlyList<Tensor?>? gradients = null,
        bool retainGraph = false, bool createGraph = false, bool allowUnused = false)
    {
        var roots = Handles(outputs);
        var given = Handles(gradients ?? new Tensor?[outputs.Count]);
        var wanted = Handles(inputs);
        var results = new nint[inputs.Count];
        fixed (nint* r = roots, g = given, w = wanted, o = results)
            Check(NativeMethods.ft_grad(r, g, roots.Length, w, wanted.Length, retainGraph || createGraph ? 1 : 0, createGraph ? 1 : 0, allowUnused ? 1 : 0, o), "grad");
        GC.KeepAlive(outputs);
        GC.KeepAlive(inputs);
        GC.KeepAlive(gradients);
        return Array.ConvertAll(results, handle => handle == 0 ? null : new Tensor(handle));
    }

    internal static void Check(int status, string call)
    {
        if (status == 0)
            return;
        if (ManagedCallbacks.TakePending() is { } pending)
            throw new TorchException(call, pending.Message, pending);
        NativeMethods.Check(status, call);
    }

    internal static nint[] Handles(IReadOnlyList<Tensor?> tensors)
    {
        var handles = new nint[tensors.Count];
        NativeValue.Gather(tensors, handles);
        return handles;
    }
}

/// <summary>Restores the previous gradient mode when disposed.</summary>
public readonly unsafe struct GradMode : IDisposable
{
    private readonly int previous;

    internal GradMode(bool enabled)
    {
        TorchRuntime.EnsureLoaded();
        int before;
        NativeMethods.Check(NativeMethods.ft_grad_mode(enabled ? 1 : 0, &before), "grad_mode");
        previous = before;
    }

    /// <summary>Restores the previous mode.</summary>
    public void Dispose()
    {
        int ignored;
        NativeMethods.Check(NativeMethods.ft_grad_mode(previous, &ignored), "grad_mode");
    }
}

/// <summary>Ends inference mode when disposed, on the thread that entered it.</summary>
public sealed unsafe class InferenceMode : IDisposable
{
    private nint mode;

    internal InferenceMode()
    {
        TorchRuntime.EnsureLoaded();
        nint entered;
        NativeMethods.Check(NativeMethods.ft_inference_enter(&entered), "inference_mode");
        mode = entered;
    }

    /// <summary>Ends the mode.</summary>
    public void Dispose()
    {
        var entered = Interlocked.Exchange(ref mode, 0);
        if (entered != 0)
            NativeMethods.Check(NativeMethods.ft_inference_exit(entered), "inference_mode");
    }
}

using System.Runtime.InteropServices;
using Fovea.Torch.Native;

namespace Fovea.Torch;

/// <content>Gradients.</content>
public sealed unsafe partial class Tensor
{
    /// <summary>Whether operators on this tensor are recorded for backward.</summary>
    public bool RequiresGrad
    {
        get
        {
            int result;
            NativeMethods.Check(NativeMethods.ft_requires_grad(Handle, &result), "requires_grad");
            GC.KeepAlive(this);
            return result != 0;
        }

        set
        {
            NativeMethods.Check(NativeMethods.ft_set_requires_grad(Handle, value ? 1 : 0), "set_requires_grad");
            GC.KeepAlive(this);
        }
    }

    /// <summary>Whether this was not made by a recorded operator.</summary>
    public bool IsLeaf
    {
        get
        {
            int result;
            NativeMethods.Check(NativeMethods.ft_is_leaf(Handle, &result), "is_leaf");
            GC.KeepAlive(this);
            return result != 0;
        }
    }

    /// <summary>The gradient that backward accumulated here, or null; each read is a handle of its own.</summary>
    public Tensor? Gradient
    {
        get
        {
            nint gradient;
            NativeMethods.Check(NativeMethods.ft_gradient(Handle, &gradient), "grad");
            GC.KeepAlive(this);
            return gradient == 0 ? null : new Tensor(gradient);
        }

        set
        {
            NativeMethods.Check(NativeMethods.ft_set_gradient(Handle, value?.Handle ?? 0), "set_grad");
            GC.KeepAlive(this);
            GC.KeepAlive(value);
        }
    }

    /// <summary>Adds to the gradient of every leaf the derivative of this tensor.</summary>
    /// <param name="gradient">Gradient of this tensor; may be null for a scalar, where it is 1.</param>
    /// <param name="retainGraph">Keep the graph for another backward.</param>
    /// <param name="createGraph">Record this backward, for second derivatives.</param>
    public void Backward(Tensor? gradient = null, bool retainGraph = false, bool createGraph = false)
    {
        var root = Handle;
        var given = gradient?.Handle ?? 0;
        Autograd.Check(NativeMethods.ft_backward(&root, &given, 1, retainGraph || createGraph ? 1 : 0, createGraph ? 1 : 0), "backward");
        GC.KeepAlive(this);
        GC.KeepAlive(gradient);
    }

    /// <summary>Calls back with the gradient that reaches this tensor in backward; a tensor it returns takes its place.</summary>
    /// <remarks>What the hook makes is freed after it: keep what you need with <see cref="Escape"/>.</remarks>
    public void OnGradient(Func<Tensor, Tensor?> hook)
    {
        var context = GCHandle.ToIntPtr(GCHandle.Alloc(hook));
        NativeMethods.Check(NativeMethods.ft_register_hook(Handle, &CallHook, &ManagedCallbacks.Release, context), "register_hook");
        GC.KeepAlive(this);
    }

    [UnmanagedCallersOnly]
    private static int CallHook(nint context, nint gradient, nint* replacement) => CallHookGuarded(context, gradient, (nint)replacement);

    private static int CallHookGuarded(nint context, nint gradient, nint replacement) => ManagedCallbacks.Guard(() =>
    {
        using var scope = new TensorScope();
        var given = new Tensor(gradient);
        var hook = (Func<Tensor, Tensor?>)GCHandle.FromIntPtr(context).Target!;
        if (hook(given) is { } changed)
        {
            nint shared;
            NativeMethods.Check(NativeMethods.ft_tensor_share(changed.Handle, &shared), "share");
            *(nint*)replacement = shared;
        }
    });
}

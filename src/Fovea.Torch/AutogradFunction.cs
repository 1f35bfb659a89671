using System.Runtime.InteropServices;
using Fovea.Torch.Native;

namespace Fovea.Torch;

/// <summary>
/// A function with a backward written in C#. Make an instance for each application; what the backward needs goes through
/// <see cref="Save"/> or into fields.
/// </summary>
/// <remarks>The backward is not itself recorded: a second derivative through it is an error.</remarks>
public abstract class AutogradFunction : IDisposable
{
    private readonly List<Tensor> saved = [];

    /// <summary>Computes the outputs and ties them to the inputs.</summary>
    /// <param name="inputs">The tensors whose gradients <see cref="Backward"/> will give, in order.</param>
    /// <exception cref="InvalidOperationException">The forward returned one of its inputs.</exception>
    public unsafe Tensor[] Apply(params IReadOnlyList<Tensor> inputs)
    {
        Tensor[] outputs;
        using (Autograd.NoGrad())
            outputs = Forward(inputs);
        if (outputs.Any(output => inputs.Any(input => ReferenceEquals(input, output))))
            throw new InvalidOperationException($"{GetType().Name}.Forward returned one of its inputs, expected new tensors");
        var attached = 0;
        if (Autograd.IsEnabled)
        {
            var given = Autograd.Handles(inputs);
            var results = Autograd.Handles(outputs);
            var context = GCHandle.ToIntPtr(GCHandle.Alloc(this));
            fixed (nint* g = given, r = results)
                NativeMethods.Check(NativeMethods.ft_function_attach(g, given.Length, r, results.Length, &CallBackward, &ManagedCallbacks.Release, context, &attached), "function_attach");
            if (attached == 0)
                GCHandle.FromIntPtr(context).Free();
        }

        GC.KeepAlive(inputs);
        if (attached == 0)
            Dispose();
        return outputs;
    }

    /// <summary>Computes the outputs; runs without recording. The outputs must be new tensors.</summary>
    protected abstract Tensor[] Forward(IReadOnlyList<Tensor> inputs);

    /// <summary>Gradients of the inputs, null where there is none; runs without recording.</summary>
    /// <param name="gradients">Gradients of the outputs, null for an output that nothing depended on.</param>
    protected abstract Tensor?[] Backward(IReadOnlyList<Tensor?> gradients);

    /// <summary>Keeps a tensor for the backward, outside every scope, until that has run or the graph is released.</summary>
    /// <returns>The kept tensor, detached.</returns>
    protected Tensor Save(Tensor tensor)
    {
        var kept = tensor.Detach().Escape();
        saved.Add(kept);
        return kept;
    }

    /// <summary>Frees the saved tensors; called when the graph is released.</summary>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees the saved tensors.</summary>
    protected virtual void Dispose(bool disposing)
    {
        foreach (var tensor in saved)
            tensor.Dispose();
        saved.Clear();
    }

    [UnmanagedCallersOnly]
    private static unsafe int CallBackward(nint context, nint* gradients, int count, nint* results, int inputs)
    {
        var given = new nint[count];
        new ReadOnlySpan<nint>(gradients, count).CopyTo(given);
        var target = (nint)results;
        return ManagedCallbacks.Guard(() => RunBackward(context, given, target, inputs));
    }

    private static unsafe void RunBackward(nint context, nint[] given, nint results, int inputs)
    {
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        var gradients = Array.ConvertAll(given, handle => handle == 0 ? null : new Tensor(handle));
        var function = (AutogradFunction)GCHandle.FromIntPtr(context).Target!;
        var returned = function.Backward(gradients);
        if (returned.Length != inputs)
            throw new InvalidOperationException($"{function.GetType().Name}.Backward returned {returned.Length} gradients, expected {inputs}");
        for (var i = 0; i < inputs; i++)
        {
            if (returned[i] is not { } gradient)
                continue;
            nint shared;
            NativeMethods.Check(NativeMethods.ft_tensor_share(gradient.Handle, &shared), "share");
            ((nint*)results)[i] = shared;
        }
    }
}

namespace Fovea.Torch.Nn;

/// <summary>A module that gives one tensor at every call, whatever it is given. It can be listened to, and traces name it.</summary>
public abstract class SingleOutputModule : Module
{
    private static int hookCount;

    private List<Func<Tensor, Tensor, Tensor?>>? hooks;

    /// <summary>Whether any hook listens on any module, or operators are traced: then no layer overwrites its input.</summary>
    protected internal static bool HasHooks => Volatile.Read(ref hookCount) > 0 || OperatorTrace.Current is not null;

    /// <summary>
    /// Calls <paramref name="hook"/> with input and output of every call, until the returned registration is disposed. A tensor
    /// that the hook returns takes the output's place. To see gradients too, call <see cref="Tensor.OnGradient"/> on the output.
    /// </summary>
    /// <remarks>
    /// Of several inputs the hook gets the first. The output is freed like any other tensor: keep what you need with
    /// <see cref="Tensor.Share"/> and <see cref="Tensor.Escape"/>.
    /// </remarks>
    public IDisposable OnForward(Func<Tensor, Tensor, Tensor?> hook)
    {
        (hooks ??= []).Add(hook);
        Interlocked.Increment(ref hookCount);
        return new Registration(this, hook);
    }

    /// <summary>Runs a call in a <see cref="TensorScope"/> and tells hooks and traces of it.</summary>
    /// <param name="input">What the module was given; the first where there is more. The call may free it.</param>
    /// <param name="compute">The call; it gets the scope, to keep more than it gives.</param>
    protected Tensor Observed(Tensor input, Func<TensorScope, Tensor> compute)
    {
        using var scope = new TensorScope();
        var call = Enter(input);
        // A hook may look at an input that the call frees.
        var seen = hooks is null ? input : input.Share();
        return scope.Keep(Leave(call, seen, compute(scope)));
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        Interlocked.Add(ref hookCount, -(hooks?.Count ?? 0));
        hooks = null;
        base.Dispose(disposing);
    }

    private protected LayerCall? Enter(Tensor input) => OperatorTrace.Current?.Enter(this, input);

    private protected Tensor Leave(LayerCall? call, Tensor input, Tensor output)
    {
        if (hooks is not null)
        {
            foreach (var hook in hooks.ToArray())
                output = hook(input, output) ?? output;
        }

        call?.Leave(output);
        return output;
    }

    private sealed class Registration(SingleOutputModule module, Func<Tensor, Tensor, Tensor?> hook) : IDisposable
    {
        private bool disposed;

        public void Dispose()
        {
            if (disposed)
                return;
            disposed = true;
            if (module.hooks?.Remove(hook) != true)
                return;
            Interlocked.Decrement(ref hookCount);
            if (module.hooks.Count == 0)
                module.hooks = null;
        }
    }
}

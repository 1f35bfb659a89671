namespace Fovea.Torch.Nn;

/// <summary>
/// A module from one tensor to one tensor. <see cref="Forward"/> runs <see cref="Compute"/> in a <see cref="TensorScope"/>, so
/// that what was made on the way is freed at once (autograd keeps what its backward needs), and tells the hooks.
/// </summary>
public abstract class Layer : Module
{
    private static int hookCount;

    private List<Func<Tensor, Tensor, Tensor?>>? hooks;

    /// <summary>Whether any hook listens on any layer, or operators are traced: then no layer overwrites its input.</summary>
    protected internal static bool HasHooks => Volatile.Read(ref hookCount) > 0 || OperatorTrace.Current is not null;

    /// <summary>The plan that this layer is part of, or null.</summary>
    internal InferencePlan? Plan { get; set; }

    /// <summary>Applies the layer.</summary>
    public Tensor Forward(Tensor input)
    {
        using var scope = new TensorScope();
        var call = OperatorTrace.Current?.Enter(this, input);
        var output = Compute(input);
        if (hooks is not null)
        {
            foreach (var hook in hooks.ToArray())
                output = hook(input, output) ?? output;
        }

        call?.Leave(output);
        return scope.Keep(output);
    }

    /// <summary>
    /// Applies the layer to a tensor that nothing else needs and frees it, unless it is the output (identity, in-place):
    /// <c>relu.Consume(bn1.Consume(conv1.Forward(input)))</c> holds no more memory than it must.
    /// </summary>
    public Tensor Consume(Tensor input)
    {
        var output = Forward(input);
        if (!ReferenceEquals(input, output))
            input.Dispose();
        return output;
    }

    /// <inheritdoc/>
    public override void Train(bool training = true)
    {
        if (training)
            Plan?.Dispose();
        base.Train(training);
    }

    /// <summary>
    /// Calls <paramref name="hook"/> with input and output of every call, until the returned registration is disposed. A tensor
    /// that the hook returns takes the output's place. To see gradients too, call <see cref="Tensor.OnGradient"/> on the output.
    /// </summary>
    /// <remarks>The output is freed like any other tensor: keep what you need with <see cref="Tensor.Share"/> and <see cref="Tensor.Escape"/>.</remarks>
    public IDisposable OnForward(Func<Tensor, Tensor, Tensor?> hook)
    {
        (hooks ??= []).Add(hook);
        Interlocked.Increment(ref hookCount);
        return new Registration(this, hook);
    }

    /// <summary>The layer's own arithmetic.</summary>
    protected abstract Tensor Compute(Tensor input);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        Interlocked.Add(ref hookCount, -(hooks?.Count ?? 0));
        hooks = null;
        base.Dispose(disposing);
    }

    private sealed class Registration(Layer layer, Func<Tensor, Tensor, Tensor?> hook) : IDisposable
    {
        private bool disposed;

        public void Dispose()
        {
            if (disposed)
                return;
            disposed = true;
            if (layer.hooks?.Remove(hook) != true)
                return;
            Interlocked.Decrement(ref hookCount);
            if (layer.hooks.Count == 0)
                layer.hooks = null;
        }
    }
}

namespace Fovea.Torch.Nn;

/// <summary>
/// A module from one tensor to one tensor. <see cref="Forward"/> runs <see cref="Compute"/> in a <see cref="TensorScope"/>, so
/// that what was made on the way is freed at once (autograd keeps what its backward needs), and tells the hooks.
/// </summary>
public abstract class Layer : Module
{
    private List<Func<Tensor, Tensor, Tensor?>>? hooks;

    /// <summary>Applies the layer.</summary>
    public Tensor Forward(Tensor input)
    {
        using var scope = new TensorScope();
        var output = Compute(input);
        if (hooks is not null)
        {
            foreach (var hook in hooks)
                output = hook(input, output) ?? output;
        }

        return scope.Keep(output);
    }

    /// <summary>
    /// Calls <paramref name="hook"/> with input and output of every call, until the returned registration is disposed. A tensor
    /// that the hook returns takes the output's place. To see gradients too, call <see cref="Tensor.OnGradient"/> on the output.
    /// </summary>
    /// <remarks>The output is freed like any other tensor: keep what you need with <see cref="Tensor.Share"/> and <see cref="Tensor.Escape"/>.</remarks>
    public IDisposable OnForward(Func<Tensor, Tensor, Tensor?> hook)
    {
        (hooks ??= []).Add(hook);
        return new Registration(this, hook);
    }

    /// <summary>The layer's own arithmetic.</summary>
    protected abstract Tensor Compute(Tensor input);

    private sealed class Registration(Layer layer, Func<Tensor, Tensor, Tensor?> hook) : IDisposable
    {
        public void Dispose()
        {
            if (layer.hooks?.Remove(hook) == true && layer.hooks.Count == 0)
                layer.hooks = null;
        }
    }
}

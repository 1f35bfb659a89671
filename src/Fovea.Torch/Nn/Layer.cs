namespace Fovea.Torch.Nn;

/// <summary>
/// A module from one tensor to one tensor. <see cref="Forward"/> runs <see cref="Compute"/> in a <see cref="TensorScope"/>, so
/// that what was made on the way is freed at once (autograd keeps what its backward needs), and tells the hooks.
/// </summary>
public abstract class Layer : SingleOutputModule
{
    /// <summary>The plan that this layer is part of, or null.</summary>
    internal InferencePlan? Plan { get; set; }

    /// <summary>Applies the layer.</summary>
    public Tensor Forward(Tensor input)
    {
        using var scope = new TensorScope();
        var call = Enter(input);
        return scope.Keep(Leave(call, input, Compute(Hooks?.Enter(input) ?? input)));
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
    /// As <see cref="SingleOutputModule.OnGradient"/>, with the gradient of the layer's input: only the share that comes through this
    /// layer, not what others that use the same tensor add to it.
    /// </summary>
    /// <remarks>The input of a network requires no gradient unless it was told to; then the hook is not called.</remarks>
    public IDisposable OnInputGradient(Func<Tensor, Tensor?> hook) => Listen().OnInputGradient(hook);

    /// <summary>The layer's own arithmetic.</summary>
    protected abstract Tensor Compute(Tensor input);
}

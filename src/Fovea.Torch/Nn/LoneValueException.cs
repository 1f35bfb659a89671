namespace Fovea.Torch.Nn;

/// <summary>A norm met one value a channel, which has no variance: a batch of one picture, of which nothing but a mean is left.</summary>
public sealed class LoneValueException : FoveaException
{
    internal LoneValueException(Layer layer, Shape input)
        : base($"{layer.GetType().Name}: found input {input} in training, one value a channel, which has no variance; expected at least two: train on batches of two pictures or more, or call Eval()") =>
        (Layer, Input) = (layer, input);

    /// <summary>The norm.</summary>
    public Layer Layer { get; }

    /// <summary>Shape of what it met.</summary>
    public Shape Input { get; }
}

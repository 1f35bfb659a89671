namespace Fovea.Torch.Nn;

/// <summary>Hands its input on.</summary>
public sealed class Identity : Layer
{
    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input) => input;
}

/// <summary>Merges dimensions into one, by default all but the first: <c>[N, C, H, W]</c> to <c>[N, C·H·W]</c>.</summary>
/// <param name="start">First dimension merged.</param>
/// <param name="end">Last dimension merged; negative counts from the end.</param>
public sealed class Flatten(int start = 1, int end = -1) : Layer
{
    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input) => input.Flatten(start, end);
}

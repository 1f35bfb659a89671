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

/// <summary>Splits one dimension into several: <c>[N, C·H·W]</c> to <c>[N, C, H, W]</c>.</summary>
/// <param name="dimension">The dimension split.</param>
/// <param name="sizes">The sizes it is split into; one may be −1.</param>
public sealed class Unflatten(int dimension, Shape sizes) : Layer
{
    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input) => input.Unflatten(dimension, sizes);
}

/// <summary>Spreads groups of channels over cells, <c>[N, C·f², H, W]</c> to <c>[N, C, H·f, W·f]</c> (Shi et al. 2016).</summary>
/// <param name="factor">Output cells for each input cell along either side, f.</param>
public sealed class PixelShuffle(int factor) : Layer
{
    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input) => input.PixelShuffle(factor);
}

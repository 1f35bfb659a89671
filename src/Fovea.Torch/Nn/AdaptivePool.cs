namespace Fovea.Torch.Nn;

/// <summary>Mean over as many windows as the output has cells, <c>[N, C, L]</c> to <c>[N, C, L']</c>.</summary>
/// <param name="outputSize">Size of the output; 1 for the mean over all.</param>
public sealed class AdaptiveAvgPool1d(Extent outputSize) : Layer
{
    private readonly long[] size = outputSize.ToArray(1);

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input) => input.AdaptiveAvgPool1d(size);
}

/// <summary>Maximum over as many windows as the output has cells, <c>[N, C, L]</c> to <c>[N, C, L']</c>.</summary>
/// <param name="outputSize">Size of the output; 1 for the maximum over all.</param>
public sealed class AdaptiveMaxPool1d(Extent outputSize) : Layer
{
    private readonly long[] size = outputSize.ToArray(1);

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input) => input.AdaptiveMaxPool1d(size).Item1;
}

/// <summary>Mean over as many windows as the output has cells, <c>[N, C, H, W]</c> to <c>[N, C, H', W']</c>.</summary>
/// <param name="outputSize">Size of the output; 1 for the mean over all.</param>
public sealed class AdaptiveAvgPool2d(Extent outputSize) : Layer
{
    private readonly long[] size = outputSize.ToArray(2);

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input) => input.AdaptiveAvgPool2d(size);
}

/// <summary>Maximum over as many windows as the output has cells, <c>[N, C, H, W]</c> to <c>[N, C, H', W']</c>.</summary>
/// <param name="outputSize">Size of the output; 1 for the maximum over all.</param>
public sealed class AdaptiveMaxPool2d(Extent outputSize) : Layer
{
    private readonly long[] size = outputSize.ToArray(2);

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input) => input.AdaptiveMaxPool2d(size).Item1;
}

/// <summary>Mean over as many windows as the output has cells, <c>[N, C, D, H, W]</c> to <c>[N, C, D', H', W']</c>.</summary>
/// <param name="outputSize">Size of the output; 1 for the mean over all.</param>
public sealed class AdaptiveAvgPool3d(Extent outputSize) : Layer
{
    private readonly long[] size = outputSize.ToArray(3);

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input) => input.AdaptiveAvgPool3d(size);
}

/// <summary>Maximum over as many windows as the output has cells, <c>[N, C, D, H, W]</c> to <c>[N, C, D', H', W']</c>.</summary>
/// <param name="outputSize">Size of the output; 1 for the maximum over all.</param>
public sealed class AdaptiveMaxPool3d(Extent outputSize) : Layer
{
    private readonly long[] size = outputSize.ToArray(3);

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input) => input.AdaptiveMaxPool3d(size).Item1;
}

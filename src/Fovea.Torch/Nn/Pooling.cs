namespace Fovea.Torch.Nn;

/// <summary>Maximum over windows, <c>[N, C, H, W]</c> to <c>[N, C, H', W']</c>.</summary>
/// <param name="kernelSize">Size of the window.</param>
/// <param name="stride">Step between windows; the window's size when left out.</param>
/// <param name="padding">Minus infinity added on each side.</param>
/// <param name="dilation">Distance between taps; 1 when left out.</param>
/// <param name="ceilMode">Whether a window that hangs over the edge counts (as in Caffe).</param>
public sealed class MaxPool2d(Extent kernelSize, Extent? stride = null, Extent padding = default, Extent? dilation = null, bool ceilMode = false) : Layer
{
    private readonly long[] kernel = kernelSize.ToArray(2);
    private readonly long[] step = (stride ?? kernelSize).ToArray(2);
    private readonly long[] margin = padding.ToArray(2);
    private readonly long[] spread = (dilation ?? 1).ToArray(2);

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input) => input.MaxPool2d(kernel, step, margin, spread, ceilMode);
}

/// <summary>Mean over windows, <c>[N, C, H, W]</c> to <c>[N, C, H', W']</c>.</summary>
/// <param name="kernelSize">Size of the window.</param>
/// <param name="stride">Step between windows; the window's size when left out.</param>
/// <param name="padding">Zeros added on each side.</param>
/// <param name="ceilMode">Whether a window that hangs over the edge counts (as in Caffe).</param>
/// <param name="countIncludePad">Whether the padding's zeros count in the mean.</param>
public sealed class AvgPool2d(Extent kernelSize, Extent? stride = null, Extent padding = default, bool ceilMode = false, bool countIncludePad = true) : Layer
{
    private readonly long[] kernel = kernelSize.ToArray(2);
    private readonly long[] step = (stride ?? kernelSize).ToArray(2);
    private readonly long[] margin = padding.ToArray(2);

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input) => input.AvgPool2d(kernel, step, margin, ceilMode, countIncludePad);
}

/// <summary>Mean over as many windows as the output has cells, <c>[N, C, H, W]</c> to <c>[N, C, H', W']</c>.</summary>
/// <param name="outputSize">Size of the output; 1 for the mean of the whole image.</param>
public sealed class AdaptiveAvgPool2d(Extent outputSize) : Layer
{
    private readonly long[] size = outputSize.ToArray(2);

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input) => input.AdaptiveAvgPool2d(size);
}

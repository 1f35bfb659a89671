namespace Fovea.Torch.Nn;

/// <summary>The maximum over windows, for any number of spatial dimensions.</summary>
public abstract class MaxPool : Layer
{
    private protected MaxPool(int dimensions, Extent kernelSize, Extent? stride, Extent padding, Extent? dilation, bool ceilMode)
    {
        Kernel = kernelSize.ToArray(dimensions);
        Stride = (stride ?? kernelSize).ToArray(dimensions);
        Padding = padding.ToArray(dimensions);
        Dilation = (dilation ?? 1).ToArray(dimensions);
        CeilMode = ceilMode;
    }

    private protected long[] Kernel { get; }

    private protected long[] Stride { get; }

    private protected long[] Padding { get; }

    private protected long[] Dilation { get; }

    private protected bool CeilMode { get; }

    /// <summary>
    /// The maxima and where they lie: positions in the flattened plane (or sequence, or volume) of each channel, int64, as
    /// the unpooling layers take them. Hooks are not called.
    /// </summary>
    public abstract (Tensor Output, Tensor Indices) ForwardWithIndices(Tensor input);
}

/// <summary>Maximum over windows of sequences, <c>[N, C, L]</c> to <c>[N, C, L']</c>.</summary>
/// <param name="kernelSize">Size of the window.</param>
/// <param name="stride">Step between windows; the window's size when left out.</param>
/// <param name="padding">Minus infinity added on each side.</param>
/// <param name="dilation">Distance between taps; 1 when left out.</param>
/// <param name="ceilMode">Whether a window that hangs over the edge counts (as in Caffe).</param>
public sealed class MaxPool1d(Extent kernelSize, Extent? stride = null, Extent padding = default, Extent? dilation = null, bool ceilMode = false)
    : MaxPool(1, kernelSize, stride, padding, dilation, ceilMode)
{
    /// <inheritdoc/>
    public override (Tensor Output, Tensor Indices) ForwardWithIndices(Tensor input) =>
        input.MaxPool1dWithIndices(Kernel, Stride, Padding, Dilation, CeilMode);

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input) => input.MaxPool1d(Kernel, Stride, Padding, Dilation, CeilMode);
}

/// <summary>Maximum over windows of images, <c>[N, C, H, W]</c> to <c>[N, C, H', W']</c>.</summary>
/// <param name="kernelSize">Size of the window.</param>
/// <param name="stride">Step between windows; the window's size when left out.</param>
/// <param name="padding">Minus infinity added on each side.</param>
/// <param name="dilation">Distance between taps; 1 when left out.</param>
/// <param name="ceilMode">Whether a window that hangs over the edge counts (as in Caffe).</param>
public sealed class MaxPool2d(Extent kernelSize, Extent? stride = null, Extent padding = default, Extent? dilation = null, bool ceilMode = false)
    : MaxPool(2, kernelSize, stride, padding, dilation, ceilMode)
{
    /// <inheritdoc/>
    public override (Tensor Output, Tensor Indices) ForwardWithIndices(Tensor input) =>
        input.MaxPool2dWithIndices(Kernel, Stride, Padding, Dilation, CeilMode);

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input) => input.MaxPool2d(Kernel, Stride, Padding, Dilation, CeilMode);
}

/// <summary>Maximum over windows of volumes, <c>[N, C, D, H, W]</c> to <c>[N, C, D', H', W']</c>.</summary>
/// <param name="kernelSize">Size of the window.</param>
/// <param name="stride">Step between windows; the window's size when left out.</param>
/// <param name="padding">Minus infinity added on each side.</param>
/// <param name="dilation">Distance between taps; 1 when left out.</param>
/// <param name="ceilMode">Whether a window that hangs over the edge counts (as in Caffe).</param>
public sealed class MaxPool3d(Extent kernelSize, Extent? stride = null, Extent padding = default, Extent? dilation = null, bool ceilMode = false)
    : MaxPool(3, kernelSize, stride, padding, dilation, ceilMode)
{
    /// <inheritdoc/>
    public override (Tensor Output, Tensor Indices) ForwardWithIndices(Tensor input) =>
        input.MaxPool3dWithIndices(Kernel, Stride, Padding, Dilation, CeilMode);

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input) => input.MaxPool3d(Kernel, Stride, Padding, Dilation, CeilMode);
}

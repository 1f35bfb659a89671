namespace Fovea.Torch.Nn;

/// <summary>The mean over windows, for any number of spatial dimensions.</summary>
public abstract class AvgPool : Layer
{
    private protected AvgPool(int dimensions, Extent kernelSize, Extent? stride, Extent padding, bool ceilMode, bool countIncludePad)
    {
        Kernel = kernelSize.ToArray(dimensions);
        Stride = (stride ?? kernelSize).ToArray(dimensions);
        Padding = padding.ToArray(dimensions);
        CeilMode = ceilMode;
        CountIncludePad = countIncludePad;
    }

    private protected long[] Kernel { get; }

    private protected long[] Stride { get; }

    private protected long[] Padding { get; }

    private protected bool CeilMode { get; }

    private protected bool CountIncludePad { get; }
}

/// <summary>Mean over windows of sequences, <c>[N, C, L]</c> to <c>[N, C, L']</c>.</summary>
/// <param name="kernelSize">Size of the window.</param>
/// <param name="stride">Step between windows; the window's size when left out.</param>
/// <param name="padding">Zeros added on each side.</param>
/// <param name="ceilMode">Whether a window that hangs over the edge counts (as in Caffe).</param>
/// <param name="countIncludePad">Whether the padding's zeros count in the mean.</param>
public sealed class AvgPool1d(Extent kernelSize, Extent? stride = null, Extent padding = default, bool ceilMode = false, bool countIncludePad = true)
    : AvgPool(1, kernelSize, stride, padding, ceilMode, countIncludePad)
{
    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input) => input.AvgPool1d(Kernel, Stride, Padding, CeilMode, CountIncludePad);
}

/// <summary>Mean over windows of images, <c>[N, C, H, W]</c> to <c>[N, C, H', W']</c>.</summary>
/// <param name="kernelSize">Size of the window.</param>
/// <param name="stride">Step between windows; the window's size when left out.</param>
/// <param name="padding">Zeros added on each side.</param>
/// <param name="ceilMode">Whether a window that hangs over the edge counts (as in Caffe).</param>
/// <param name="countIncludePad">Whether the padding's zeros count in the mean.</param>
public sealed class AvgPool2d(Extent kernelSize, Extent? stride = null, Extent padding = default, bool ceilMode = false, bool countIncludePad = true)
    : AvgPool(2, kernelSize, stride, padding, ceilMode, countIncludePad)
{
    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input) => input.AvgPool2d(Kernel, Stride, Padding, CeilMode, CountIncludePad);
}

/// <summary>Mean over windows of volumes, <c>[N, C, D, H, W]</c> to <c>[N, C, D', H', W']</c>.</summary>
/// <param name="kernelSize">Size of the window.</param>
/// <param name="stride">Step between windows; the window's size when left out.</param>
/// <param name="padding">Zeros added on each side.</param>
/// <param name="ceilMode">Whether a window that hangs over the edge counts (as in Caffe).</param>
/// <param name="countIncludePad">Whether the padding's zeros count in the mean.</param>
public sealed class AvgPool3d(Extent kernelSize, Extent? stride = null, Extent padding = default, bool ceilMode = false, bool countIncludePad = true)
    : AvgPool(3, kernelSize, stride, padding, ceilMode, countIncludePad)
{
    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input) => input.AvgPool3d(Kernel, Stride, Padding, CeilMode, CountIncludePad);
}

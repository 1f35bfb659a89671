namespace Fovea.Torch.Nn;

/// <summary>
/// Puts pooled values back where <see cref="MaxPool.ForwardWithIndices"/> found them, zeros elsewhere. Where windows overlap,
/// two values may meet in a cell and either may win.
/// </summary>
public abstract class MaxUnpool : Module
{
    private readonly long[] kernel;

    private protected MaxUnpool(int dimensions, Extent kernelSize, Extent? stride, Extent padding)
    {
        kernel = kernelSize.ToArray(dimensions);
        Stride = (stride ?? kernelSize).ToArray(dimensions);
        Padding = padding.ToArray(dimensions);
    }

    private protected long[] Stride { get; }

    private protected long[] Padding { get; }

    /// <summary>Unpools.</summary>
    /// <param name="input">Pooled values, <c>[N, C, ...]</c>.</param>
    /// <param name="indices">Where they came from, of the same shape.</param>
    /// <param name="outputSize">Spatial size before the pooling, which odd sizes and ceil mode need; the smallest that fits when left out.</param>
    public Tensor Forward(Tensor input, Tensor indices, Extent? outputSize = null)
    {
        using var scope = new TensorScope();
        var size = outputSize?.ToArray(kernel.Length);
        if (size is null)
        {
            size = new long[kernel.Length];
            for (var i = 0; i < size.Length; i++)
                size[i] = (input.Shape[2 + i] - 1) * Stride[i] - 2 * Padding[i] + kernel[i];
        }

        return scope.Keep(Compute(input, indices, size));
    }

    private protected abstract Tensor Compute(Tensor input, Tensor indices, long[] size);
}

/// <summary>Unpooling of sequences <c>[N, C, L]</c>.</summary>
/// <param name="kernelSize">Size of the window of the pooling.</param>
/// <param name="stride">Step of the pooling; the window's size when left out.</param>
/// <param name="padding">Padding of the pooling.</param>
public sealed class MaxUnpool1d(Extent kernelSize, Extent? stride = null, Extent padding = default) : MaxUnpool(1, kernelSize, stride, padding)
{
    private protected override Tensor Compute(Tensor input, Tensor indices, long[] size) =>
        input.Unsqueeze(-1).MaxUnpool2d(indices.Unsqueeze(-1), [size[0], 1]).Squeeze(-1);
}

/// <summary>Unpooling of images <c>[N, C, H, W]</c>.</summary>
/// <param name="kernelSize">Size of the window of the pooling.</param>
/// <param name="stride">Step of the pooling; the window's size when left out.</param>
/// <param name="padding">Padding of the pooling.</param>
public sealed class MaxUnpool2d(Extent kernelSize, Extent? stride = null, Extent padding = default) : MaxUnpool(2, kernelSize, stride, padding)
{
    private protected override Tensor Compute(Tensor input, Tensor indices, long[] size) => input.MaxUnpool2d(indices, size);
}

/// <summary>Unpooling of volumes <c>[N, C, D, H, W]</c>.</summary>
/// <param name="kernelSize">Size of the window of the pooling.</param>
/// <param name="stride">Step of the pooling; the window's size when left out.</param>
/// <param name="padding">Padding of the pooling.</param>
public sealed class MaxUnpool3d(Extent kernelSize, Extent? stride = null, Extent padding = default) : MaxUnpool(3, kernelSize, stride, padding)
{
    private protected override Tensor Compute(Tensor input, Tensor indices, long[] size) => input.MaxUnpool3d(indices, size, Stride, Padding);
}

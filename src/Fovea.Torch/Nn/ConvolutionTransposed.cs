namespace Fovea.Torch.Nn;

/// <summary>
/// What transposed convolutions share: each input value adds a scaled kernel to the output, of side
/// (in − 1)·stride − 2·padding + dilation·(kernel − 1) + outputPadding + 1. Keys <c>weight</c> [C, C'/groups, k...], <c>bias</c> [C'].
/// </summary>
public abstract class ConvolutionTransposed : Layer
{
    private protected ConvolutionTransposed(int dimensions, int inChannels, int outChannels, Extent kernelSize, Extent? stride, Extent padding,
        Extent outputPadding, int groups, bool hasBias, Extent? dilation)
    {
        if (inChannels % groups != 0 || outChannels % groups != 0)
            throw new ArgumentException($"found {inChannels} channels in and {outChannels} out, expected multiples of {groups} groups", nameof(groups));
        InChannels = inChannels;
        OutChannels = outChannels;
        Groups = groups;
        Stride = (stride ?? 1).ToArray(dimensions);
        Padding = padding.ToArray(dimensions);
        OutputPadding = outputPadding.ToArray(dimensions);
        Dilation = (dilation ?? 1).ToArray(dimensions);
        Weight = Parameter("weight", Tensor.Empty([inChannels, outChannels / groups, .. kernelSize.ToArray(dimensions)]));
        Bias = hasBias ? Parameter("bias", Tensor.Empty([outChannels])) : null;
        Init.ConvolutionDefault(Weight, Bias);
    }

    /// <summary>Channels of the input, C.</summary>
    public int InChannels { get; }

    /// <summary>Channels of the output, C'.</summary>
    public int OutChannels { get; }

    /// <summary>The kernels, [C, C'/groups, k...].</summary>
    public Tensor Weight { get; }

    /// <summary>The bias, [C'], or null.</summary>
    public Tensor? Bias { get; }

    /// <summary>The weights that an <see cref="InferencePlan"/> put in place of the layer's own, or null.</summary>
    internal PlannedWeights? Planned { get; set; }

    /// <summary>Whether the layer computes in the type of its planned weights; otherwise in its own.</summary>
    internal virtual bool CanLower => false;

    private protected int Groups { get; }

    private protected long[] Stride { get; }

    private protected long[] Padding { get; }

    private protected long[] OutputPadding { get; }

    private protected long[] Dilation { get; }

    private protected abstract Tensor Convolve(Tensor input, Tensor weight, Tensor? bias);

    /// <inheritdoc/>
    protected sealed override Tensor Compute(Tensor input) => Planned is { } planned
        ? Convolve(planned.Adapt(input), planned.Weight, planned.Bias)
        : Convolve(input, Weight, Bias);
}

/// <summary>Transposed convolution over sequences, <c>[N, C, L]</c> to <c>[N, C', L']</c>.</summary>
/// <param name="inChannels">Channels of the input, C.</param>
/// <param name="outChannels">Channels of the output, C'.</param>
/// <param name="kernelSize">Size of the kernel.</param>
/// <param name="stride">Step in the output for each input; 1 when left out.</param>
/// <param name="padding">Cells cut off on each side.</param>
/// <param name="outputPadding">Cells added at the end of each dimension, to choose among the sizes that a convolution maps to the input's.</param>
/// <param name="groups">Groups that the channels are split into.</param>
/// <param name="hasBias">Whether a bias is added.</param>
/// <param name="dilation">Distance between kernel taps; 1 when left out.</param>
public sealed class ConvTranspose1d(int inChannels, int outChannels, Extent kernelSize, Extent? stride = null, Extent padding = default,
    Extent outputPadding = default, int groups = 1, bool hasBias = true, Extent? dilation = null)
    : ConvolutionTransposed(1, inChannels, outChannels, kernelSize, stride, padding, outputPadding, groups, hasBias, dilation)
{
    private protected override Tensor Convolve(Tensor input, Tensor weight, Tensor? bias) =>
        Aten.ConvTranspose1d(input, weight, bias, Stride, Padding, OutputPadding, Groups, Dilation);
}

/// <summary>Transposed convolution over images, <c>[N, C, H, W]</c> to <c>[N, C', H', W']</c>.</summary>
/// <param name="inChannels">Channels of the input, C.</param>
/// <param name="outChannels">Channels of the output, C'.</param>
/// <param name="kernelSize">Size of the kernel.</param>
/// <param name="stride">Step in the output for each input; 1 when left out.</param>
/// <param name="padding">Cells cut off on each side.</param>
/// <param name="outputPadding">Cells added at the end of each dimension, to choose among the sizes that a convolution maps to the input's.</param>
/// <param name="groups">Groups that the channels are split into.</param>
/// <param name="hasBias">Whether a bias is added.</param>
/// <param name="dilation">Distance between kernel taps; 1 when left out.</param>
public sealed class ConvTranspose2d(int inChannels, int outChannels, Extent kernelSize, Extent? stride = null, Extent padding = default,
    Extent outputPadding = default, int groups = 1, bool hasBias = true, Extent? dilation = null)
    : ConvolutionTransposed(2, inChannels, outChannels, kernelSize, stride, padding, outputPadding, groups, hasBias, dilation)
{
    // Where kernels do not overlap the layer is a matrix product for each pixel and a rearrangement: on the processor
    // half the time and less.
    private readonly bool isTiling = Tiles(kernelSize.ToArray(2), (stride ?? 1).ToArray(2), (dilation ?? 1).ToArray(2))
        && groups == 1 && padding.ToArray(2) is [0, 0] && outputPadding.ToArray(2) is [0, 0];

    internal override bool CanLower => isTiling && !Weight.Device.IsCuda;

    private protected override Tensor Convolve(Tensor input, Tensor weight, Tensor? bias) => CanLower
        ? Tile(input, weight, bias)
        : Aten.ConvTranspose2d(input, weight, bias, Stride, Padding, OutputPadding, Groups, Dilation);

    private static bool Tiles(long[] kernel, long[] stride, long[] dilation) =>
        kernel[0] == kernel[1] && kernel[0] == stride[0] && kernel[0] == stride[1] && dilation is [1, 1];

    private Tensor Tile(Tensor input, Tensor weight, Tensor? bias)
    {
        var (shape, side) = (input.Shape, Stride[0]);
        if (shape.Rank != 4 || shape[1] != InChannels)
            throw new FoveaException($"ConvTranspose2d: found input {shape}, expected [N, {InChannels}, H, W]");
        var pixels = input.Permute([0, 2, 3, 1]).Reshape([-1, InChannels]);
        var kernels = weight.Reshape([InChannels, -1]);
        var tiles = bias is null ? pixels.Mm(kernels) : bias.RepeatInterleave(side * side).Addmm(pixels, kernels);
        return tiles.View([shape[0], shape[2], shape[3], OutChannels, side, side]).Permute([0, 3, 1, 4, 2, 5])
            .Reshape([shape[0], OutChannels, shape[2] * side, shape[3] * side]);
    }
}

/// <summary>Transposed convolution over volumes, <c>[N, C, D, H, W]</c> to <c>[N, C', D', H', W']</c>.</summary>
/// <param name="inChannels">Channels of the input, C.</param>
/// <param name="outChannels">Channels of the output, C'.</param>
/// <param name="kernelSize">Size of the kernel.</param>
/// <param name="stride">Step in the output for each input; 1 when left out.</param>
/// <param name="padding">Cells cut off on each side.</param>
/// <param name="outputPadding">Cells added at the end of each dimension, to choose among the sizes that a convolution maps to the input's.</param>
/// <param name="groups">Groups that the channels are split into.</param>
/// <param name="hasBias">Whether a bias is added.</param>
/// <param name="dilation">Distance between kernel taps; 1 when left out.</param>
public sealed class ConvTranspose3d(int inChannels, int outChannels, Extent kernelSize, Extent? stride = null, Extent padding = default,
    Extent outputPadding = default, int groups = 1, bool hasBias = true, Extent? dilation = null)
    : ConvolutionTransposed(3, inChannels, outChannels, kernelSize, stride, padding, outputPadding, groups, hasBias, dilation)
{
    private protected override Tensor Convolve(Tensor input, Tensor weight, Tensor? bias) =>
        Aten.ConvTranspose3d(input, weight, bias, Stride, Padding, OutputPadding, Groups, Dilation);
}

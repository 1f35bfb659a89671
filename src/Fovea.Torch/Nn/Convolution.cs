namespace Fovea.Torch.Nn;

/// <summary>What convolutions over sequences, images and volumes share. Keys <c>weight</c> [C', C/groups, k...], <c>bias</c> [C'].</summary>
public abstract class Convolution : Layer
{
    private protected Convolution(int dimensions, int inChannels, int outChannels, Extent kernelSize, Extent? stride, Extent padding, Extent? dilation,
        int groups, bool hasBias)
    {
        if (inChannels % groups != 0 || outChannels % groups != 0)
            throw new ArgumentException($"found {inChannels} channels in and {outChannels} out, expected multiples of {groups} groups", nameof(groups));
        InChannels = inChannels;
        OutChannels = outChannels;
        KernelSize = kernelSize.ToArray(dimensions);
        Stride = (stride ?? 1).ToArray(dimensions);
        Padding = padding.ToArray(dimensions);
        Dilation = (dilation ?? 1).ToArray(dimensions);
        Groups = groups;
        Weight = Parameter("weight", Tensor.Empty([outChannels, inChannels / groups, .. KernelSize]));
        Bias = hasBias ? Parameter("bias", Tensor.Empty([outChannels])) : null;
        Init.ConvolutionDefault(Weight, Bias);
    }

    /// <summary>Channels of the input, C.</summary>
    public int InChannels { get; }

    /// <summary>Channels of the output, C'.</summary>
    public int OutChannels { get; }

    /// <summary>Groups that the channels are split into.</summary>
    public int Groups { get; }

    /// <summary>The kernels, [C', C/groups, k...].</summary>
    public Tensor Weight { get; }

    /// <summary>The bias, [C'], or null.</summary>
    public Tensor? Bias { get; }

    /// <summary>Size of the kernel along each dimension.</summary>
    public IReadOnlyList<long> Kernel => KernelSize;

    private protected long[] KernelSize { get; }

    private protected long[] Stride { get; }

    private protected long[] Padding { get; }

    private protected long[] Dilation { get; }

    /// <summary>The weights that an <see cref="InferencePlan"/> put in place of the layer's own, or null.</summary>
    internal PlannedWeights? Planned { get; set; }

    /// <summary>Convolves with weights that need not be the layer's own.</summary>
    internal abstract Tensor Convolve(Tensor input, Tensor weight, Tensor? bias);

    /// <inheritdoc/>
    protected sealed override Tensor Compute(Tensor input) => Planned is { } planned
        ? Convolve(planned.Adapt(input), planned.Weight, planned.Bias)
        : Convolve(input, Weight, Bias);
}

/// <summary>Convolution over sequences, <c>[N, C, L]</c> to <c>[N, C', L']</c>.</summary>
/// <param name="inChannels">Channels of the input, C.</param>
/// <param name="outChannels">Channels of the output, C'.</param>
/// <param name="kernelSize">Size of the kernel.</param>
/// <param name="stride">Step between outputs; 1 when left out.</param>
/// <param name="padding">Zeros added on each side.</param>
/// <param name="dilation">Distance between kernel taps; 1 when left out.</param>
/// <param name="groups">Groups that the channels are split into.</param>
/// <param name="hasBias">Whether a bias is added.</param>
public sealed class Conv1d(int inChannels, int outChannels, Extent kernelSize, Extent? stride = null, Extent padding = default,
    Extent? dilation = null, int groups = 1, bool hasBias = true)
    : Convolution(1, inChannels, outChannels, kernelSize, stride, padding, dilation, groups, hasBias)
{
    internal override Tensor Convolve(Tensor input, Tensor weight, Tensor? bias) => Aten.Conv1d(input, weight, bias, Stride, Padding, Dilation, Groups);
}

/// <summary>Convolution over images, <c>[N, C, H, W]</c> to <c>[N, C', H', W']</c>.</summary>
/// <param name="inChannels">Channels of the input, C.</param>
/// <param name="outChannels">Channels of the output, C'.</param>
/// <param name="kernelSize">Size of the kernel.</param>
/// <param name="stride">Step between outputs; 1 when left out.</param>
/// <param name="padding">Zeros added on each side.</param>
/// <param name="dilation">Distance between kernel taps; 1 when left out.</param>
/// <param name="groups">Groups that the channels are split into.</param>
/// <param name="hasBias">Whether a bias is added.</param>
public sealed class Conv2d(int inChannels, int outChannels, Extent kernelSize, Extent? stride = null, Extent padding = default,
    Extent? dilation = null, int groups = 1, bool hasBias = true)
    : Convolution(2, inChannels, outChannels, kernelSize, stride, padding, dilation, groups, hasBias)
{
    internal override Tensor Convolve(Tensor input, Tensor weight, Tensor? bias)
    {
        if (Groups > 1 || !PlainBackward.Pays(input, weight, Stride))
            return Aten.Conv2d(input, weight, bias, Stride, Padding, Dilation, Groups);
        return new PlainBackward(Stride, Padding, Dilation).Apply(bias is null ? [input, weight] : [input, weight, bias])[0];
    }
}

/// <summary>Convolution over volumes, <c>[N, C, D, H, W]</c> to <c>[N, C', D', H', W']</c>.</summary>
/// <param name="inChannels">Channels of the input, C.</param>
/// <param name="outChannels">Channels of the output, C'.</param>
/// <param name="kernelSize">Size of the kernel.</param>
/// <param name="stride">Step between outputs; 1 when left out.</param>
/// <param name="padding">Zeros added on each side.</param>
/// <param name="dilation">Distance between kernel taps; 1 when left out.</param>
/// <param name="groups">Groups that the channels are split into.</param>
/// <param name="hasBias">Whether a bias is added.</param>
public sealed class Conv3d(int inChannels, int outChannels, Extent kernelSize, Extent? stride = null, Extent padding = default,
    Extent? dilation = null, int groups = 1, bool hasBias = true)
    : Convolution(3, inChannels, outChannels, kernelSize, stride, padding, dilation, groups, hasBias)
{
    internal override Tensor Convolve(Tensor input, Tensor weight, Tensor? bias) => Aten.Conv3d(input, weight, bias, Stride, Padding, Dilation, Groups);
}

namespace Fovea.Torch.Nn;

/// <summary>Convolution over images, <c>[N, C, H, W]</c> to <c>[N, C', H', W']</c>. Keys <c>weight</c> [C', C/groups, kH, kW], <c>bias</c> [C'].</summary>
public sealed class Conv2d : Layer
{
    private readonly Tensor? bias;
    private readonly long[] stride;
    private readonly long[] padding;
    private readonly long[] dilation;
    private readonly int groups;

    /// <summary>Creates the layer with PyTorch's default initialisation (Kaiming uniform, a = √5).</summary>
    /// <param name="inChannels">Channels of the input, C.</param>
    /// <param name="outChannels">Channels of the output, C'.</param>
    /// <param name="kernelSize">Side of the square kernel.</param>
    /// <param name="stride">Step between outputs, pixels.</param>
    /// <param name="padding">Zeros added on each side, pixels.</param>
    /// <param name="dilation">Distance between kernel taps, pixels.</param>
    /// <param name="groups">Groups that the channels are split into.</param>
    /// <param name="hasBias">Whether a bias is added.</param>
    public Conv2d(int inChannels, int outChannels, int kernelSize, int stride = 1, int padding = 0, int dilation = 1, int groups = 1, bool hasBias = true)
    {
        InChannels = inChannels;
        OutChannels = outChannels;
        this.stride = [stride, stride];
        this.padding = [padding, padding];
        this.dilation = [dilation, dilation];
        this.groups = groups;
        Weight = Parameter("weight", Tensor.Empty([outChannels, inChannels / groups, kernelSize, kernelSize]));
        bias = hasBias ? Parameter("bias", Tensor.Empty([outChannels])) : null;
        Init.ConvolutionDefault(Weight, bias);
    }

    /// <summary>Channels of the input.</summary>
    public int InChannels { get; }

    /// <summary>Channels of the output.</summary>
    public int OutChannels { get; }

    /// <summary>The kernels, [C', C/groups, kH, kW].</summary>
    public Tensor Weight { get; }

    /// <summary>The bias, [C'], or null.</summary>
    public Tensor? Bias => bias;

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input) => Aten.Conv2d(input, Weight, bias, stride, padding, dilation, groups);
}

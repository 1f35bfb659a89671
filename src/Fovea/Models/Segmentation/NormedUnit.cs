using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Models.Segmentation;

/// <summary>The unit of the real-time networks: convolution without bias, batch norm, activation. Keys <c>conv</c> and <c>bn</c>.</summary>
internal sealed class NormedUnit : Layer
{
    private readonly ConvolutionNorm normed;
    private readonly Layer? activation;

    /// <summary>Creates the unit.</summary>
    /// <param name="inChannels">Channels of the input.</param>
    /// <param name="outChannels">Channels of the output.</param>
    /// <param name="kernelSize">Side of the kernel.</param>
    /// <param name="stride">Step of the kernel.</param>
    /// <param name="padding">Zeros added on each side; half of the kernel when null.</param>
    /// <param name="activation">What follows the norm, or null for nothing.</param>
    public NormedUnit(int inChannels, int outChannels, int kernelSize, int stride = 1, int? padding = null, Layer? activation = null)
    {
        var convolution = Child("conv", new Conv2d(inChannels, outChannels, kernelSize, stride, padding ?? kernelSize / 2, hasBias: false));
        normed = Pair(convolution, Child("bn", new BatchNorm2d(outChannels)));
        this.activation = activation;
        Init.KaimingNormal(convolution.Weight, a: 1);
    }

    protected override Tensor Compute(Tensor input)
    {
        var output = normed.Forward(input);
        return activation is null ? output : activation.Consume(output);
    }
}

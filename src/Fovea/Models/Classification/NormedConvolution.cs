using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Models.Classification;

/// <summary>The unit of the Inception networks: convolution without bias, batch norm, ReLU. Keys <c>conv</c> and <c>bn</c>.</summary>
internal sealed class NormedConvolution : Layer
{
    private readonly ConvolutionNorm normed;
    private readonly ReLU relu = new(inPlace: true);

    public NormedConvolution(int inChannels, int outChannels, Extent kernelSize, Extent? stride = null, Extent padding = default)
    {
        Convolution = Child("conv", new Conv2d(inChannels, outChannels, kernelSize, stride, padding, hasBias: false));
        normed = Pair(Convolution, Child("bn", new BatchNorm2d(outChannels, eps: 1e-3)));
    }

    public Conv2d Convolution { get; }

    protected override Tensor Compute(Tensor input) => relu.Consume(normed.Forward(input));
}

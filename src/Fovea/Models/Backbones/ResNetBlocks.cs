using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Models.Backbones;

/// <summary>What the two blocks share: the input is added to what was computed, then the ReLU.</summary>
internal abstract class ResNetBlock : Layer
{
    private Sequential? downsample;

    protected ReLU Relu { get; } = new(inPlace: true);

    /// <summary>Where the shape changes the way past the block is a 1x1 projection (option B of section 3.3).</summary>
    protected void AddShortcut(int inChannels, int outChannels, int stride, Func<int, Layer> norm)
    {
        if (stride != 1 || inChannels != outChannels)
            downsample = Child("downsample", new Sequential(new Conv2d(inChannels, outChannels, 1, stride, hasBias: false), norm(outChannels)));
    }

    /// <summary>Adopts a convolution and its norm as <c>convN</c> and <c>bnN</c>.</summary>
    protected ConvolutionNorm Normed(int number, Conv2d convolution, Func<int, Layer> norm) =>
        Pair(Child($"conv{number}", convolution), Child($"bn{number}", norm(convolution.OutChannels)));

    protected Tensor Finish(Tensor main, Tensor input)
    {
        var shortcut = downsample?.Forward(input) ?? input;
        return Relu.Consume(HasHooks ? main.Add(shortcut) : main.AddInPlace(shortcut));
    }
}

/// <summary>The building block of ResNet-18 and 34 (figure 5 left): two 3x3 convolutions.</summary>
internal sealed class ResNetBasicBlock : ResNetBlock
{
    private readonly ConvolutionNorm first;
    private readonly ConvolutionNorm second;

    public ResNetBasicBlock(int inChannels, int width, int stride, int dilation, Func<int, Layer> norm)
    {
        first = Normed(1, new Conv2d(inChannels, width, 3, stride, padding: dilation, dilation: dilation, hasBias: false), norm);
        second = Normed(2, new Conv2d(width, width, 3, padding: dilation, dilation: dilation, hasBias: false), norm);
        AddShortcut(inChannels, width, stride, norm);
    }

    protected override Tensor Compute(Tensor input) => Finish(second.Consume(Relu.Consume(first.Forward(input))), input);
}

/// <summary>The building block of ResNet-50 and deeper (figure 5 right): 1x1 down, 3x3, 1x1 up.</summary>
internal sealed class ResNetBottleneck : ResNetBlock
{
    /// <summary>Channels of the output for each of the 3x3 convolution.</summary>
    public const int Expansion = 4;

    private readonly ConvolutionNorm reduce;
    private readonly ConvolutionNorm middle;
    private readonly ConvolutionNorm expand;

    public ResNetBottleneck(int inChannels, int width, int stride, int dilation, Func<int, Layer> norm)
    {
        reduce = Normed(1, new Conv2d(inChannels, width, 1, hasBias: false), norm);
        middle = Normed(2, new Conv2d(width, width, 3, stride, padding: dilation, dilation: dilation, hasBias: false), norm);
        expand = Normed(3, new Conv2d(width, width * Expansion, 1, hasBias: false), norm);
        AddShortcut(inChannels, width * Expansion, stride, norm);
    }

    protected override Tensor Compute(Tensor input)
    {
        var main = middle.Consume(Relu.Consume(reduce.Forward(input)));
        return Finish(expand.Consume(Relu.Consume(main)), input);
    }
}

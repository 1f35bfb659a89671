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

    protected Tensor Finish(Tensor main, Tensor input)
    {
        var shortcut = downsample?.Forward(input) ?? input;
        return Relu.Consume(HasHooks ? main.Add(shortcut) : main.AddInPlace(shortcut));
    }
}

/// <summary>The building block of ResNet-18 and 34 (figure 5 left): two 3x3 convolutions.</summary>
internal sealed class ResNetBasicBlock : ResNetBlock
{
    private readonly Conv2d conv1;
    private readonly Layer bn1;
    private readonly Conv2d conv2;
    private readonly Layer bn2;

    public ResNetBasicBlock(int inChannels, int width, int stride, int dilation, Func<int, Layer> norm)
    {
        conv1 = Child("conv1", new Conv2d(inChannels, width, 3, stride, padding: dilation, dilation: dilation, hasBias: false));
        bn1 = Child("bn1", norm(width));
        conv2 = Child("conv2", new Conv2d(width, width, 3, padding: dilation, dilation: dilation, hasBias: false));
        bn2 = Child("bn2", norm(width));
        AddShortcut(inChannels, width, stride, norm);
    }

    protected override Tensor Compute(Tensor input)
    {
        var main = Relu.Consume(bn1.Consume(conv1.Forward(input)));
        return Finish(bn2.Consume(conv2.Consume(main)), input);
    }
}

/// <summary>The building block of ResNet-50 and deeper (figure 5 right): 1x1 down, 3x3, 1x1 up.</summary>
internal sealed class ResNetBottleneck : ResNetBlock
{
    /// <summary>Channels of the output for each of the 3x3 convolution.</summary>
    public const int Expansion = 4;

    private readonly Conv2d conv1;
    private readonly Layer bn1;
    private readonly Conv2d conv2;
    private readonly Layer bn2;
    private readonly Conv2d conv3;
    private readonly Layer bn3;

    public ResNetBottleneck(int inChannels, int width, int stride, int dilation, Func<int, Layer> norm)
    {
        conv1 = Child("conv1", new Conv2d(inChannels, width, 1, hasBias: false));
        bn1 = Child("bn1", norm(width));
        conv2 = Child("conv2", new Conv2d(width, width, 3, stride, padding: dilation, dilation: dilation, hasBias: false));
        bn2 = Child("bn2", norm(width));
        conv3 = Child("conv3", new Conv2d(width, width * Expansion, 1, hasBias: false));
        bn3 = Child("bn3", norm(width * Expansion));
        AddShortcut(inChannels, width * Expansion, stride, norm);
    }

    protected override Tensor Compute(Tensor input)
    {
        var main = Relu.Consume(bn1.Consume(conv1.Forward(input)));
        main = Relu.Consume(bn2.Consume(conv2.Consume(main)));
        return Finish(bn3.Consume(conv3.Consume(main)), input);
    }
}

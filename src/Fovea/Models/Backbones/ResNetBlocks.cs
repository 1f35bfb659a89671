using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Models.Backbones;

/// <summary>What the two blocks share: the input is added to what was computed, then the ReLU.</summary>
internal abstract class ResNetBlock : Layer
{
    private readonly Layer afterSum;
    private readonly DropBlock2d? drop;
    private Layer? downsample;
    private Layer? gate;
    private bool activatesGate;

    protected ResNetBlock(ResNetOptions options)
    {
        Activation = Child("relu", options.Activation.Make());
        afterSum = options.SumActivation?.Make() ?? Activation;
        drop = options.DropBlock > 0 ? Child("drop", new DropBlock2d(options.DropBlock, options.DropBlockSize)) : null;
    }

    /// <summary>What follows the norms but the last.</summary>
    protected Layer Activation { get; }

    /// <summary>Normal weights whose size keeps that of gradients (He et al. 2015) for every block and the stem before them.</summary>
    public static void Initialise(Module network, bool zeroInitLastNorm)
    {
        foreach (var (_, module) in network.NamedModules())
        {
            if (module is Conv2d convolution)
                Init.KaimingNormal(convolution.Weight, fanOut: true);
            else if (zeroInitLastNorm && module is ResNetBlock)
                Init.Constant(LastScale(module), 0);
        }
    }

    private static Tensor LastScale(Module block)
    {
        var norm = block.Children.Last(static c => c.Key.StartsWith("bn", StringComparison.Ordinal)).Value;
        return norm.NamedParameters().FirstOrDefault(static p => p.Key == "weight").Value
            ?? throw new FoveaException("ResNet: found blocks without norms that have a scale, expected some, whose last starts at zero; choose a norm or leave their scales at one");
    }

    /// <summary>Adds what weighs the channels, and the way past the block.</summary>
    protected void AddShortcut(int inChannels, int outChannels, int stride, ResNetOptions options)
    {
        if (options.Gate is { } make)
        {
            gate = Child(options.CaffeLayout ? "se_module" : "se", make(outChannels));
            activatesGate = options.CaffeLayout && this is ResNetBasicBlock;
        }

        var isSame = stride == 1 && inChannels == outChannels;
        if (isSame && options.Shortcut != ResNetShortcut.ProjectionEverywhere)
            return;
        downsample = Child<Layer>("downsample", options.Shortcut == ResNetShortcut.ZeroPadding
            ? new ZeroPaddingShortcut(inChannels, outChannels, stride)
            : new Sequential(new Conv2d(inChannels, outChannels, 1, stride, hasBias: false), options.Norm(outChannels)));
    }

    /// <summary>Adopts a convolution and its norm as <c>convN</c> and <c>bnN</c>.</summary>
    protected ConvolutionNorm Normed(int number, Conv2d convolution, Func<int, Layer> norm) =>
        Pair(Child($"conv{number}", convolution), Child($"bn{number}", norm(convolution.OutChannels)));

    /// <summary>What is left of a map that nothing else needs.</summary>
    protected Tensor Drop(Tensor map) => drop?.Consume(map) ?? map;

    protected Tensor Finish(Tensor main, Tensor input)
    {
        main = Drop(main);
        if (gate is not null)
            main = gate.Consume(activatesGate ? Activation.Consume(main) : main);
        var shortcut = downsample?.Forward(input) ?? input;
        shortcut = drop?.Forward(shortcut) ?? shortcut;
        return afterSum.Consume(HasHooks ? main.Add(shortcut) : main.AddInPlace(shortcut));
    }
}

/// <summary>The building block of ResNet-18 and 34 (figure 5 left): two 3x3 convolutions.</summary>
internal sealed class ResNetBasicBlock : ResNetBlock
{
    private readonly ConvolutionNorm first;
    private readonly ConvolutionNorm second;

    public ResNetBasicBlock(int inChannels, int width, int stride, int dilation, ResNetOptions options)
        : base(options)
    {
        first = Normed(1, new Conv2d(inChannels, width, 3, stride, padding: dilation, dilation: dilation, hasBias: false), options.Norm);
        second = Normed(2, new Conv2d(width, width, 3, padding: dilation, dilation: dilation, hasBias: false), options.Norm);
        AddShortcut(inChannels, width, stride, options);
    }

    protected override Tensor Compute(Tensor input) => Finish(second.Consume(Drop(Activation.Consume(first.Forward(input)))), input);
}

/// <summary>The building block of ResNet-50 and deeper (figure 5 right): 1x1 down, 3x3, 1x1 up.</summary>
internal sealed class ResNetBottleneck : ResNetBlock
{
    /// <summary>Channels of the output for each of the 3x3 convolution.</summary>
    public const int Expansion = 4;

    private readonly ConvolutionNorm reduce;
    private readonly ConvolutionNorm middle;
    private readonly ConvolutionNorm expand;

    public ResNetBottleneck(int inChannels, int width, int stride, int dilation, ResNetOptions options)
        : base(options)
    {
        var inner = width * options.WidthPerGroup / 64 * options.Groups;
        var (firstStride, middleStride) = options is { CaffeLayout: true, Groups: 1 } ? (stride, 1) : (1, stride);
        reduce = Normed(1, new Conv2d(inChannels, inner, 1, firstStride, hasBias: false), options.Norm);
        middle = Normed(2, new Conv2d(inner, inner, 3, middleStride, padding: dilation, dilation: dilation, groups: options.Groups, hasBias: false), options.Norm);
        expand = Normed(3, new Conv2d(inner, width * Expansion, 1, hasBias: false), options.Norm);
        AddShortcut(inChannels, width * Expansion, stride, options);
    }

    protected override Tensor Compute(Tensor input)
    {
        var main = middle.Consume(Drop(Activation.Consume(reduce.Forward(input))));
        return Finish(expand.Consume(Drop(Activation.Consume(main))), input);
    }
}

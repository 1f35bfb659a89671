using Fovea.Models.Backbones;
using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Models.Segmentation;

/// <summary>The refinement residual block of DFN (figure 2b): 1x1 to the wanted channels, then a residual of two 3x3 convolutions.</summary>
internal sealed class RefinementResidual : Layer
{
    private readonly Conv2d reduce;
    private readonly Sequential unit;
    private readonly Conv2d refine;
    private readonly bool isActivated;

    public RefinementResidual(int inChannels, int outChannels, bool isActivated = true)
    {
        reduce = Child("conv_1x1", new Conv2d(inChannels, outChannels, 1, hasBias: false));
        unit = Child("cbr", DeepLabResNet.Unit(outChannels, outChannels, 3, 1, 1, true));
        refine = Child("conv_refine", new Conv2d(outChannels, outChannels, 3, padding: 1, hasBias: false));
        this.isActivated = isActivated;
    }

    protected override Tensor Compute(Tensor input)
    {
        var reduced = reduce.Forward(input);
        var sum = refine.Consume(unit.Forward(reduced)) + reduced;
        return isActivated ? sum.Relu() : sum;
    }
}

/// <summary>The channel attention block of DFN (figure 2c): both maps say how much of each channel of the finer one is added to the coarser one.</summary>
internal sealed class ChannelAttention : SingleOutputModule
{
    private readonly Sequential weigh;

    public ChannelAttention(int channels) => weigh = Child("channel_attention", new Sequential(
    [
        KeyValuePair.Create<string, Layer>("avg_pool", new AdaptiveAvgPool2d(1)),
        KeyValuePair.Create<string, Layer>("flatten", new Flatten()),
        KeyValuePair.Create<string, Layer>("fc", new Sequential(
            new Linear(2 * channels, channels), new ReLU(inPlace: true), new Linear(channels, channels), new Sigmoid())),
        KeyValuePair.Create<string, Layer>("unflatten", new Unflatten(1, [channels, 1, 1])),
    ]));

    /// <summary>Takes both tensors: they are freed.</summary>
    public Tensor Apply(Tensor finer, Tensor coarser) => Observed(coarser, _ =>
    {
        var shares = weigh.Consume(Aten.Cat([finer, coarser], 1));
        var sum = finer * shares + coarser;
        finer.Dispose();
        coarser.Dispose();
        return sum;
    });
}

/// <summary>From a map to scores: nine channels for each class, then the class.</summary>
internal sealed class ScoreHead : Layer
{
    private readonly RefinementResidual refine;
    private readonly Conv2d score;

    public ScoreHead(int channels, int classes)
    {
        refine = Child("rrb", new RefinementResidual(channels, classes * 9, isActivated: false));
        score = Child("conv", new Conv2d(classes * 9, classes, 1));
    }

    protected override Tensor Compute(Tensor input) => score.Consume(refine.Forward(input));
}

using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Models.Backbones;

/// <summary>
/// CSPNet: A New Backbone that can Enhance Learning Capability of CNN (Wang et al., CVPR workshops 2020) on
/// <see cref="Darknet53"/>: one half of a stage's channels goes through its blocks, the other past them, and the two meet
/// behind: a third less to learn, and no gradient computed twice. The backbone of YOLOv4 (with Mish). Gives maps at strides
/// 2 to 32. Keys of timm: <c>stages.S.conv_down</c>, <c>conv_exp</c>, <c>blocks.B</c>, <c>conv_transition_b</c>, <c>conv_transition</c>.
/// </summary>
public sealed class CspDarknet53 : Darknet
{
    private static readonly int[] Blocks = [1, 2, 8, 8, 4];

    /// <summary>Creates the network.</summary>
    /// <param name="inChannels">Channels of the images.</param>
    /// <param name="activation">What follows every norm.</param>
    public CspDarknet53(int inChannels = 3, DarknetActivation activation = DarknetActivation.Leaky)
        : base(inChannels, activation, (stage, channels) => new CspStage(channels, 2 * channels, Blocks[stage], isFirst: stage == 0, activation))
    {
    }
}

/// <summary>A stage whose first half of the channels goes past its blocks.</summary>
internal sealed class CspStage : Layer
{
    private readonly DarknetConvolution down;
    private readonly DarknetConvolution expand;
    private readonly Sequential blocks;
    private readonly DarknetConvolution transitionB;
    private readonly DarknetConvolution transition;

    public CspStage(int inChannels, int outChannels, int count, bool isFirst, DarknetActivation activation)
    {
        // The first stage has so few channels that both halves are full, and its block a bottleneck.
        var half = isFirst ? outChannels : outChannels / 2;
        var inner = isFirst ? half / 2 : half;
        down = Child("conv_down", new DarknetConvolution(inChannels, outChannels, 3, activation, stride: 2));
        expand = Child("conv_exp", new DarknetConvolution(outChannels, 2 * half, 1, activation, form: DarknetForm.TwoHalves));
        blocks = Child("blocks", new Sequential(Enumerable.Range(0, count).Select(_ => new DarknetBlock(half, inner, activation))));
        transitionB = Child("conv_transition_b", new DarknetConvolution(half, half, 1, activation));
        // Darknet puts what went through the blocks first.
        transition = Child("conv_transition", new DarknetConvolution(2 * half, outChannels, 1, activation, form: DarknetForm.ExchangedInputs));
    }

    protected override Tensor Compute(Tensor input)
    {
        var halves = expand.Consume(down.Forward(input)).Chunk(2, 1);
        return transition.Consume(Aten.Cat([halves[0], transitionB.Consume(blocks.Consume(halves[1]))], 1));
    }
}

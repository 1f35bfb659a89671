using Fovea.Torch.Nn;

namespace Fovea.Models.Backbones;

/// <summary>
/// YOLOv3: An Incremental Improvement (Redmon, Farhadi, 2018), table 1 without the classifier: Darknet-19's pairs of 1x1 and
/// 3x3 convolutions made residual, as accurate as ResNet-152 in half the time; steps are 3x3 convolutions and there is no pool.
/// Gives maps at strides 2 to 32. Keys of timm: <c>stages.S.conv_down</c>, <c>stages.S.blocks.B</c>.
/// </summary>
public sealed class Darknet53 : Darknet
{
    private static readonly int[] Blocks = [1, 2, 8, 8, 4];

    /// <summary>Creates the network.</summary>
    /// <param name="inChannels">Channels of the images.</param>
    /// <param name="activation">What follows every norm.</param>
    public Darknet53(int inChannels = 3, DarknetActivation activation = DarknetActivation.Leaky)
        : base(inChannels, activation, (stage, channels) => new Sequential([
            KeyValuePair.Create<string, Layer>("conv_down", new DarknetConvolution(channels, 2 * channels, 3, activation, stride: 2)),
            KeyValuePair.Create<string, Layer>("blocks", new Sequential(Enumerable.Range(0, Blocks[stage]).Select(_ => new DarknetBlock(2 * channels, channels, activation)))),
        ]))
    {
    }
}

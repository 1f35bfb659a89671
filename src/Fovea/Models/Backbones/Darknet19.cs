using Fovea.Torch.Nn;

namespace Fovea.Models.Backbones;

/// <summary>
/// YOLO9000: Better, Faster, Stronger (Redmon, Farhadi, CVPR 2017), table 6 without the classifier: 3x3 convolutions with 1x1
/// ones between them that halve the channels, as in VGG and Network in Network together; a fifth of VGG-16's arithmetic for
/// the same accuracy. Gives maps at strides 2 to 32. Own keys <c>stem.conv1</c>, <c>stages.S.B</c>, each <c>conv</c> and <c>bn</c>.
/// </summary>
public sealed class Darknet19 : Darknet
{
    private static readonly int[] Convolutions = [1, 3, 3, 5, 5];

    /// <summary>Creates the network.</summary>
    /// <param name="inChannels">Channels of the images.</param>
    /// <param name="activation">What follows every norm.</param>
    public Darknet19(int inChannels = 3, DarknetActivation activation = DarknetActivation.Leaky)
        : base(inChannels, activation, (stage, channels) => Stage(Convolutions[stage], channels, activation))
    {
    }

    private static Sequential Stage(int convolutions, int channels, DarknetActivation activation)
    {
        // Darknet's pools go over the lower and right edge of odd maps.
        var stage = new Sequential([KeyValuePair.Create<string, Layer>("pool", new MaxPool2d(2, ceilMode: true))]);
        var width = 2 * channels;
        for (var i = 0; i < convolutions; i++)
        {
            stage.Add($"{i}", i % 2 == 0
                ? new DarknetConvolution(i == 0 ? channels : width / 2, width, 3, activation)
                : new DarknetConvolution(width, width / 2, 1, activation));
        }

        return stage;
    }
}

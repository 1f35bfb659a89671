using System.Globalization;
using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Models.Segmentation;

/// <summary>
/// DeepLab (Chen et al., PAMI 2018) on VGG-16, called ASPP-L in table 3: the trunk of <see cref="DeepLabV1"/>, then four of its heads side
/// by side whose kernels spread by 6, 12, 18 and 24, and whose scores are added. <c>[N, 3, H, W]</c> to <c>[N, K, H, W]</c>. Keys <c>conv1_1</c> to
/// <c>conv5_3</c>, <c>fc6_1</c> to <c>fc8_4</c>.
/// </summary>
public sealed class DeepLabV2Vgg : CoarseSegmenter
{
    private readonly Vgg16Trunk trunk;
    private readonly Sequential[] branches;

    /// <summary>Creates the network.</summary>
    /// <param name="inChannels">Channels of the images.</param>
    /// <param name="classes">Number of classes, K.</param>
    /// <param name="width">Channels of the two hidden layers of each branch.</param>
    public DeepLabV2Vgg(int inChannels, int classes, int width = 1024)
    {
        trunk = Child("", DeepLabV1.DilatedTrunk(inChannels));
        int[] rates = [6, 12, 18, 24];
        branches = new Sequential[rates.Length];
        for (var i = 0; i < rates.Length; i++)
        {
            branches[i] = Child("", new Sequential());
            DeepLabV1.AddHead(branches[i], trunk.ChannelsOf(4), classes, 3, rates[i], width, string.Create(CultureInfo.InvariantCulture, $"_{i + 1}"));
        }

        Preprocessing = CaffeInput.Centred(inChannels);
    }

    /// <summary>The network of the paper.</summary>
    public static IReadOnlyList<ModelEntry> Entries { get; } =
    [
        new("deeplabv2_vgg16", ModelTask.Semantic, DeepLabV2.Paper, 2018, 21, 37_877_652, options => new DeepLabV2Vgg(options.InChannels, options.Outputs))
        {
            Weights = ["safetensors"], StartsFrom = [StartingPoint.FromVgg16(Vgg16Trunk.FromClassifier)],
        },
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<string> HeadPrefixes => ["fc8_"];

    /// <inheritdoc/>
    private protected override IReadOnlyList<(string Name, Tensor Scores)> CoarseScores(Tensor images)
    {
        var features = trunk.Forward(images, 4)[0];
        return [(Main, branches.Select(branch => branch.Forward(features)).Aggregate(static (sum, scores) => sum + scores))];
    }
}

using System.Globalization;
using Fovea.Models.Backbones;
using Fovea.Torch;
using Fovea.Torch.Nn;
using Fovea.Torch.Serialization;

namespace Fovea.Models.Segmentation;

/// <summary>
/// DeepLab: Semantic Image Segmentation with Deep Convolutional Nets, Atrous Convolution, and Fully Connected CRFs (Chen et al.,
/// PAMI 2018): several convolutions of different reach side by side whose scores are added (atrous spatial pyramid pooling), on
/// ResNet-101, looked at in three sizes of which every pixel takes the highest score. Trained against labels at the stride of the scores, in
/// every size and of the highest. <c>[N, 3, H, W]</c> to <c>[N, K, H, W]</c>. Keys of kazuto1011's port: <c>base.layer1</c> to <c>base.layer5</c>,
/// <c>base.aspp.c0</c> to <c>c3</c>; files without <c>base.</c> load too.
/// </summary>
public sealed class DeepLabV2 : CoarseSegmenter, IRenamedWeights
{
    internal const string Paper = "Chen et al., DeepLab: Semantic Image Segmentation with Deep Convolutional Nets, Atrous Convolution, and Fully Connected CRFs";
    private const string Prefix = "base.";

    private static readonly double[] Scales = [0.5, 0.75];

    private readonly OneScale network;

    /// <summary>Puts the head on a backbone.</summary>
    /// <param name="backbone">The backbone, whose last stage is classified.</param>
    /// <param name="classes">Number of classes, K.</param>
    public DeepLabV2(Backbone backbone, int classes)
    {
        network = Child("base", new OneScale(backbone, classes, [6, 12, 18, 24]));
        Preprocessing = CaffeInput.Centred(backbone.InChannels);
    }

    /// <summary>The network on ResNet-101, and that on VGG-16 (<see cref="DeepLabV2Vgg"/>).</summary>
    public static IReadOnlyList<ModelEntry> Entries { get; } =
    [
        new("deeplabv2_resnet101", ModelTask.Semantic, Paper, 2018, 21, 44_048_532,
            options => new DeepLabV2(DeepLabResNet.Of101Layers(inChannels: options.InChannels), options.Outputs))
        {
            Weights = ["safetensors", ".pth"],
            StartsFrom = [new("deeplabv1_resnet101", "fc.weight", static name => name.StartsWith("fc.", StringComparison.Ordinal) ? null : Prefix + name)],
        },
        .. DeepLabV2Vgg.Entries,
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<string> HeadPrefixes => [Prefix + "aspp."];

    /// <inheritdoc/>
    public string? CurrentName(string name) => name.StartsWith(Prefix, StringComparison.Ordinal) ? name : Prefix + name;

    /// <inheritdoc/>
    private protected override IReadOnlyList<(string Name, Tensor Scores)> CoarseScores(Tensor images)
    {
        var full = network.Forward(images);
        var all = new List<(string Name, Tensor Scores)> { ("full", full) };
        var highest = full;
        foreach (var scale in Scales)
        {
            long Side(int dimension) => Math.Max(1, (long)(images.Shape[dimension] * scale));
            var scores = network.Forward(images.UpsampleBilinear2d([Side(2), Side(3)], false));
            all.Add((string.Create(CultureInfo.InvariantCulture, $"{scale:0.##}"), scores));
            highest = highest.Maximum(scores.UpsampleBilinear2d([full.Shape[2], full.Shape[3]], false));
        }

        all.Add(("max", highest));
        return all;
    }

    private sealed class OneScale : Layer
    {
        private readonly Backbone backbone;
        private readonly SummedPyramid pyramid;

        public OneScale(Backbone backbone, int classes, int[] rates)
        {
            this.backbone = Child("", backbone);
            pyramid = Child("aspp", new SummedPyramid(backbone.Features[^1].Channels, classes, rates));
        }

        protected override Tensor Compute(Tensor input) => pyramid.Forward(backbone.Forward(input, backbone.Features.Count - 1)[0]);
    }

    /// <summary>Figure 4 with one layer a branch: straight from the features to the classes.</summary>
    private sealed class SummedPyramid : Layer
    {
        private readonly Conv2d[] branches;

        public SummedPyramid(int channels, int classes, int[] rates)
        {
            branches = [.. rates.Select((rate, i) => Child(string.Create(CultureInfo.InvariantCulture, $"c{i}"),
                new Conv2d(channels, classes, 3, padding: rate, dilation: rate)))];
            foreach (var branch in branches)
            {
                Init.Normal(branch.Weight, 0, 0.01);
                Init.Constant(branch.Bias!, 0);
            }
        }

        protected override Tensor Compute(Tensor input) => branches.Select(branch => branch.Forward(input)).Aggregate(static (sum, scores) => sum + scores);
    }
}

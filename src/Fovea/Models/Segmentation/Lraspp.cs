using Fovea.Models.Backbones;
using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Models.Segmentation;

/// <summary>
/// Lite R-ASPP of Searching for MobileNetV3 (Howard et al., ICCV 2019), figure 10: the whole image's mean says how much of each
/// channel of the coarse map passes, and a finer map adds its own scores, so that a network for a phone keeps borders.
/// <c>[N, 3, H, W]</c> to <c>[N, K, H, W]</c>. Keys of torchvision: <c>backbone</c>, <c>classifier</c>.
/// </summary>
public sealed class Lraspp : SingleOutputSegmenter
{
    private readonly Backbone backbone;
    private readonly TwoLevelHead classifier;

    /// <summary>Puts the head on a backbone.</summary>
    /// <param name="backbone">The backbone; its last stage is weighed, and the one before adds its scores.</param>
    /// <param name="classes">Number of classes, K.</param>
    /// <param name="width">Channels of the weighed map.</param>
    public Lraspp(Backbone backbone, int classes, int width = 128)
    {
        this.backbone = Child("backbone", backbone);
        classifier = Child("classifier", new TwoLevelHead(backbone.Features[^2].Channels, backbone.Features[^1].Channels, classes, width));
        Preprocessing = new Preprocessing { SizeRule = SizeRule.ShorterLonger, ShorterSide = 520, LongerSide = 2080 }.Adapt(backbone.InChannels);
    }

    /// <summary>The network of torchvision.</summary>
    public static IReadOnlyList<ModelEntry> Entries { get; } =
    [
        new("lraspp_mobilenet_v3_large", ModelTask.Semantic, "Howard et al., Searching for MobileNetV3", 2019, 21, 3_221_538,
            options => new Lraspp(new DilatedMobileNetV3(options.InChannels), options.Outputs)) { StartsFrom = [FromMobileNetV3] },
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<string> HeadPrefixes => ["classifier.low_classifier.", "classifier.high_classifier."];

    /// <summary>The classifier whose weights start a network on <see cref="DilatedMobileNetV3"/>.</summary>
    internal static StartingPoint FromMobileNetV3 => StartingPoint.FromClassifier("mobilenet_v3_large", "classifier.0.", "features.", "backbone.");

    /// <inheritdoc/>
    protected override Tensor Logits(Tensor images)
    {
        using var scope = new TensorScope();
        var maps = backbone.Forward(images, backbone.Features.Count - 2, backbone.Features.Count - 1);
        return scope.Keep(classifier.Apply(maps[0], maps[1]).UpsampleBilinear2d([images.Shape[2], images.Shape[3]], false));
    }

    private sealed class TwoLevelHead : SingleOutputModule
    {
        private readonly Sequential reduce;
        private readonly Sequential scale;
        private readonly Conv2d low;
        private readonly Conv2d high;

        public TwoLevelHead(int lowChannels, int highChannels, int classes, int width)
        {
            reduce = Child("cbr", new Sequential(new Conv2d(highChannels, width, 1, hasBias: false), new BatchNorm2d(width), new ReLU(inPlace: true)));
            scale = Child("scale", new Sequential(new AdaptiveAvgPool2d(1), new Conv2d(highChannels, width, 1, hasBias: false), new Sigmoid()));
            low = Child("low_classifier", new Conv2d(lowChannels, classes, 1));
            high = Child("high_classifier", new Conv2d(width, classes, 1));
        }

        public Tensor Apply(Tensor lowMap, Tensor highMap) => Observed(highMap, _ =>
        {
            var weighed = reduce.Forward(highMap) * scale.Forward(highMap);
            var enlarged = weighed.UpsampleBilinear2d([lowMap.Shape[2], lowMap.Shape[3]], false);
            return low.Forward(lowMap) + high.Forward(enlarged);
        });
    }
}

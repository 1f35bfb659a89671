using Fovea.Models.Backbones;
using Fovea.Torch.Nn;

namespace Fovea.Models.Segmentation;

/// <summary>
/// Rethinking Atrous Convolution for Semantic Image Segmentation (Chen, Papandreou, Schroff, Adam, 2017) as torchvision builds
/// it: a ResNet whose last two stages keep stride 8 by dilation (or MobileNet-V3, stride 16), parallel convolutions of growing
/// reach, a two-layer head, bilinear enlargement. <c>[N, 3, H, W]</c> to <c>[N, K, H, W]</c>; training takes two pictures or more. Keys of torchvision:
/// <c>backbone</c>, <c>classifier</c>, <c>aux_classifier</c>.
/// </summary>
/// <param name="backbone">The backbone; its last stage is classified, and the one before by the auxiliary head.</param>
/// <param name="classes">Number of classes, K.</param>
/// <param name="hasAuxiliary">Whether there is an auxiliary head, which helps training and takes no part in predictions.</param>
public sealed class DeepLabV3(Backbone backbone, int classes, bool hasAuxiliary = true)
    : BackboneSegmenter(backbone, Head(backbone.Features[^1].Channels, classes), classes, hasAuxiliary)
{
    private const string Paper = "Chen et al., Rethinking Atrous Convolution for Semantic Image Segmentation";
    private const int Width = 256;

    /// <summary>Those of torchvision.</summary>
    public static IReadOnlyList<ModelEntry> Entries { get; } =
    [
        Entry(50, 42_004_074), Entry(101, 60_996_202),
        new("deeplabv3_mobilenet_v3_large", ModelTask.Semantic, Paper, 2017, 21, 11_029_328,
            options => new DeepLabV3(new DilatedMobileNetV3(options.InChannels), options.Outputs)) { StartsFrom = [Lraspp.FromMobileNetV3] },
    ];

    private static Sequential Head(int channels, int classes) => new(
        new AtrousPyramid(channels, Width, [12, 24, 36]),
        new Conv2d(Width, Width, 3, padding: 1, hasBias: false), new BatchNorm2d(Width), new ReLU(inPlace: true), new Conv2d(Width, classes, 1));

    private static ModelEntry Entry(int depth, long parameters) => new(
        $"deeplabv3_resnet{depth}", ModelTask.Semantic, Paper, 2017, 21, parameters,
        options => new DeepLabV3(Dilated(depth, options.InChannels), options.Outputs)) { StartsFrom = [StartingPoint.FromResNet(depth)] };
}

using Fovea.Models.Backbones;
using Fovea.Torch.Nn;

namespace Fovea.Models.Segmentation;

/// <summary>
/// Fully Convolutional Networks for Semantic Segmentation (Long, Shelhamer, Darrell, CVPR 2015) as torchvision builds them: a
/// ResNet whose last two stages keep stride 8 by dilation, a two-layer head, bilinear enlargement. <c>[N, 3, H, W]</c> to
/// <c>[N, K, H, W]</c>. Keys of torchvision: <c>backbone</c>, <c>classifier</c>, <c>aux_classifier</c>.
/// </summary>
/// <param name="backbone">The backbone; its last stage is classified, and the one before by the auxiliary head.</param>
/// <param name="classes">Number of classes, K.</param>
/// <param name="hasAuxiliary">Whether there is an auxiliary head, which helps training and takes no part in predictions.</param>
public sealed class Fcn(Backbone backbone, int classes, bool hasAuxiliary = true)
    : BackboneSegmenter(backbone, ConvolutionalHead(backbone.Features[^1].Channels, classes, new Dropout(0.1)), classes, hasAuxiliary)
{
    /// <summary>The published depths.</summary>
    public static IReadOnlyList<ModelEntry> Entries { get; } = [Entry(50, 35_322_218), Entry(101, 54_314_346)];

    private static ModelEntry Entry(int depth, long parameters) => new(
        $"fcn_resnet{depth}", ModelTask.Semantic, "Long et al., Fully Convolutional Networks for Semantic Segmentation", 2015, 21, parameters,
        options => new Fcn(Dilated(depth, options.InChannels), options.Outputs)) { StartsFrom = [StartingPoint.FromResNet(depth)] };
}

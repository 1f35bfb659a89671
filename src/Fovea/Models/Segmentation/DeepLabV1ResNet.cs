using Fovea.Models.Backbones;
using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Models.Segmentation;

/// <summary>
/// The ResNet-101 from which DeepLabV2 (Chen et al., PAMI 2018, section 4.1.2) was started: dilated to stride 8 and trained on
/// MS-COCO with one layer to the classes, against labels at that stride. <c>[N, 3, H, W]</c> to <c>[N, K, H, W]</c>. Keys of kazuto1011's port,
/// which calls it v1: <c>layer1</c> to <c>layer5</c>, <c>fc</c>.
/// </summary>
public sealed class DeepLabV1ResNet : CoarseSegmenter
{
    private readonly Backbone backbone;
    private readonly Conv2d classifier;

    /// <summary>Puts the classifier on a backbone.</summary>
    /// <param name="backbone">The backbone, whose last stage is classified.</param>
    /// <param name="classes">Number of classes, K.</param>
    public DeepLabV1ResNet(Backbone backbone, int classes)
    {
        this.backbone = Child("", backbone);
        classifier = Child("fc", new Conv2d(backbone.Features[^1].Channels, classes, 1));
        Preprocessing = CaffeInput.Centred(backbone.InChannels);
    }

    /// <summary>The network on ResNet-101.</summary>
    public static IReadOnlyList<ModelEntry> Entries { get; } =
    [
        new("deeplabv1_resnet101", ModelTask.Semantic, DeepLabV2.Paper, 2018, 21, 42_543_189,
            options => new DeepLabV1ResNet(DeepLabResNet.Of101Layers(inChannels: options.InChannels), options.Outputs)) { Weights = ["safetensors", ".pth"] },
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<string> HeadPrefixes => ["fc."];

    /// <inheritdoc/>
    private protected override IReadOnlyList<(string Name, Tensor Scores)> CoarseScores(Tensor images) =>
        [(Main, classifier.Consume(backbone.Forward(images, backbone.Features.Count - 1)[0]))];
}

using Fovea.Models.Backbones;
using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Models.Segmentation;

/// <summary>
/// Rethinking Atrous Convolution for Semantic Image Segmentation (Chen, Papandreou, Schroff, Adam, 2017) as the paper trains it: output
/// stride 16, a multi-grid of 1, 2, 4 in the last stage, a pyramid of rates 6, 12, 18 with the mean over the image, one
/// layer to the classes. <c>[N, 3, H, W]</c> to <c>[N, K, H, W]</c>; training takes two pictures or more. Keys of kazuto1011's port: <c>layer1</c>
/// to <c>layer5</c>, <c>aspp.stages</c>, <c>fc1</c>, <c>fc2</c>.
/// </summary>
public sealed class DeepLabV3MultiGrid : SingleOutputSegmenter
{
    private const int Width = 256;

    private readonly Backbone backbone;
    private readonly ImagePyramid pyramid;
    private readonly Sequential project;
    private readonly Conv2d classifier;

    /// <summary>Puts the head on a backbone.</summary>
    /// <param name="backbone">The backbone, whose last stage is classified.</param>
    /// <param name="classes">Number of classes, K.</param>
    /// <param name="rates">Distances between the taps of the pyramid; those of the paper at stride 16 when empty, to be doubled at stride 8.</param>
    public DeepLabV3MultiGrid(Backbone backbone, int classes, ReadOnlySpan<int> rates = default)
    {
        this.backbone = Child("", backbone);
        pyramid = Child("aspp", new ImagePyramid(backbone.Features[^1].Channels, Width, rates.Length == 0 ? [6, 12, 18] : rates));
        project = Child("fc1", DeepLabResNet.Unit(pyramid.OutChannels, Width, 1, 1, 1, true));
        classifier = Child("fc2", new Conv2d(Width, classes, 1));
        Preprocessing = new Preprocessing().Adapt(backbone.InChannels);
    }

    /// <summary>The network of the paper.</summary>
    public static IReadOnlyList<ModelEntry> Entries { get; } =
    [
        new("deeplabv3_resnet101_multigrid", ModelTask.Semantic, "Chen et al., Rethinking Atrous Convolution for Semantic Image Segmentation", 2017, 21, 58_040_661,
            options => new DeepLabV3MultiGrid(DeepLabResNet.Of101Layers(16, [1, 2, 4], options.InChannels), options.Outputs)) { Weights = ["safetensors", ".pth"] },
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<string> HeadPrefixes => ["fc2."];

    /// <inheritdoc/>
    protected override Tensor Logits(Tensor images)
    {
        using var scope = new TensorScope();
        var features = backbone.Forward(images, backbone.Features.Count - 1)[0];
        return scope.Keep(classifier.Consume(project.Consume(pyramid.Consume(features))).UpsampleBilinear2d([images.Shape[2], images.Shape[3]], false));
    }
}

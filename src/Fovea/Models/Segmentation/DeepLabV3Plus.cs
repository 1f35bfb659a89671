using Fovea.Models.Backbones;
using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Models.Segmentation;

/// <summary>
/// Encoder-Decoder with Atrous Separable Convolution for Semantic Image Segmentation (Chen, Zhu, Papandreou, Schroff, Adam, ECCV 2018),
/// on ResNet-101: DeepLabV3's pyramid at stride 16, enlarged and joined with 48 channels of the map at stride 4, so that
/// borders are drawn from fine features. <c>[N, 3, H, W]</c> to <c>[N, K, H, W]</c>; training takes two pictures or more. Keys of kazuto1011's
/// port: <c>layer1</c> to <c>layer5</c>, <c>aspp.stages</c>, <c>fc1</c>, <c>reduce</c>, <c>fc2</c>.
/// </summary>
public sealed class DeepLabV3Plus : SingleOutputSegmenter
{
    private const int Width = 256;
    private const int FineWidth = 48;

    private readonly Backbone backbone;
    private readonly ImagePyramid pyramid;
    private readonly Sequential project;
    private readonly Sequential reduce;
    private readonly Sequential decoder;

    /// <summary>Puts the decoder on a backbone.</summary>
    /// <param name="backbone">The backbone; its last stage goes through the pyramid, its first gives the fine map.</param>
    /// <param name="classes">Number of classes, K.</param>
    /// <param name="rates">Distances between the taps of the pyramid; those of the paper at stride 16 when empty.</param>
    public DeepLabV3Plus(Backbone backbone, int classes, ReadOnlySpan<int> rates = default)
    {
        this.backbone = Child("", backbone);
        pyramid = Child("aspp", new ImagePyramid(backbone.Features[^1].Channels, Width, rates.Length == 0 ? [6, 12, 18] : rates));
        project = Child("fc1", DeepLabResNet.Unit(pyramid.OutChannels, Width, 1, 1, 1, true));
        reduce = Child("reduce", DeepLabResNet.Unit(backbone.Features[0].Channels, FineWidth, 1, 1, 1, true));
        decoder = Child("fc2", new Sequential(
        [
            KeyValuePair.Create<string, Layer>("conv1", DeepLabResNet.Unit(Width + FineWidth, Width, 3, 1, 1, true)),
            KeyValuePair.Create<string, Layer>("conv2", DeepLabResNet.Unit(Width, Width, 3, 1, 1, true)),
            KeyValuePair.Create<string, Layer>("conv3", new Conv2d(Width, classes, 1)),
        ]));
        Preprocessing = new Preprocessing().Adapt(backbone.InChannels);
    }

    /// <summary>The network on ResNet-101 with a multi-grid.</summary>
    public static IReadOnlyList<ModelEntry> Entries { get; } =
    [
        new("deeplabv3plus_resnet101", ModelTask.Semantic, "Chen et al., Encoder-Decoder with Atrous Separable Convolution for Semantic Image Segmentation", 2018, 21, 59_344_309,
            options => new DeepLabV3Plus(DeepLabResNet.Of101Layers(16, [1, 2, 4], options.InChannels), options.Outputs)) { Weights = ["safetensors", ".pth"] },
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<string> HeadPrefixes => ["fc2.conv3."];

    /// <inheritdoc/>
    protected override Tensor Logits(Tensor images)
    {
        using var scope = new TensorScope();
        var maps = backbone.Forward(images, 0, backbone.Features.Count - 1);
        var fine = reduce.Consume(maps[0]);
        var coarse = project.Consume(pyramid.Consume(maps[1])).UpsampleBilinear2d([fine.Shape[2], fine.Shape[3]], false);
        return scope.Keep(decoder.Consume(Aten.Cat([coarse, fine], 1)).UpsampleBilinear2d([images.Shape[2], images.Shape[3]], false));
    }
}

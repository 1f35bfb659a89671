using Fovea.Models.Backbones;
using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Models.Classification;

/// <summary>
/// Learning Deep Features for Discriminative Localization (Zhou, Khosla, Lapedriza, Oliva, Torralba, CVPR 2016), section 3.1:
/// AlexNet, VGG-16 and GoogLeNet without what lies behind conv5, conv5_3 and inception4e, where maps of 224 pixels still have 13 or 14 cells a
/// side; in its place a 3x3 convolution of 1024 maps, their means and one linear layer, so that the class activation map can be read off
/// (<c>fovea explain --method cam</c>). <c>[N, 3, H, W]</c> to <c>[N, K]</c>.
/// </summary>
/// <remarks>
/// Keys of torchvision's network, then <c>CAM_conv</c> and <c>CAM_fc</c> as in the authors' Caffe models. Training starts from the published weights
/// of the network it is made of; the authors' own are of Caffe's AlexNet and GoogLeNet, which have other maps. A ReLU follows the convolution.
/// </remarks>
public sealed class CamNetwork : ImageClassifier
{
    private const string Paper = "Zhou et al., Learning Deep Features for Discriminative Localization";
    private const int Width = 1024;

    private readonly string title;
    private readonly int smallest;
    private readonly int stage;
    private readonly Layer[] head;

    private CamNetwork(string title, LayeredBackbone backbone, int stage, int smallest, int classes, bool isFromMinusOne)
    {
        (this.title, this.stage, this.smallest) = (title, stage, smallest);
        Backbone = Child("", backbone);
        head =
        [
            Child("CAM_conv", new Conv2d(backbone.Features[stage].Channels, Width, 3, padding: 1)), Child("CAM_relu", new ReLU(inPlace: true)),
            new AdaptiveAvgPool2d(1), new Flatten(), Child("CAM_fc", new Linear(Width, classes)),
        ];
        Init.KaimingNormal(((Conv2d)head[0]).Weight);
        var published = PublishedInput.Centre(backbone.InChannels);
        Preprocessing = isFromMinusOne ? published.FromMinusOne() : published;
    }

    /// <summary>The three networks.</summary>
    public static IReadOnlyList<ModelEntry> Entries { get; } =
    [
        Entry("alexnet_gap", "AlexNet-GAP", 5_855_016, "classifier.1.weight", AlexNet.BackboneOf, stage: 2, smallest: 63),
        Entry("vgg16_gap", "VGG-16-GAP", 20_459_304, "classifier.0.weight", static channels => Vgg.BackboneOf(16, inChannels: channels), stage: 4, smallest: 32),
        Entry("googlenet_gap", "GoogLeNet-GAP", 11_967_656, "inception5b.branch1.conv.weight", static channels => GoogLeNet.BackboneOf(channels, isWhole: false), stage: 3, smallest: 15, isFromMinusOne: true),
    ];

    /// <inheritdoc/>
    public override Backbone Backbone { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<string> HeadPrefixes => ["CAM_fc."];

    /// <inheritdoc/>
    /// <exception cref="FoveaException">The images have other channels or are too small.</exception>
    public override Tensor Logits(Tensor images)
    {
        PublishedInput.Require(title, images, Backbone.InChannels, smallest, "its strides leave nothing of a smaller picture");
        using var scope = new TensorScope();
        return scope.Keep(InceptionBranches.Run(head, Backbone.Forward(images, stage)[0]));
    }

    private static ModelEntry Entry(
        string name, string title, long parameters, string mark, Func<int, LayeredBackbone> backbone, int stage, int smallest, bool isFromMinusOne = false) => new(
        name, ModelTask.Classification, Paper, 2016, 1000, parameters, options => new CamNetwork(title, backbone(options.InChannels), stage, smallest, options.Outputs, isFromMinusOne))
    {
        Weights = ["safetensors"],
        Backbone = options => backbone(options.InChannels),
        // What the network has behind that map has another name here, or none.
        StartsFrom = [new StartingPoint(name[..name.IndexOf('_', StringComparison.Ordinal)], mark, static tensor => tensor)],
    };
}

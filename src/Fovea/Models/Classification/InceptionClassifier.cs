using Fovea.Models.Backbones;
using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Models.Classification;

/// <summary>
/// Inception-v4, Inception-ResNet and the Impact of Residual Connections on Learning (Szegedy, Ioffe, Vanhoucke, Alemi, AAAI
/// 2017): one of its backbones, the mean over the image, dropout, one linear layer. <c>[N, 3, H, W]</c> with sides of at
/// least 75 to <c>[N, K]</c>. Keys of timm; of v1 those of <see cref="FaceNet"/>.
/// </summary>
public sealed class InceptionClassifier : ImageClassifier
{
    /// <summary>The smallest side of an image, pixels: the convolutions without padding of all three leave nothing of less.</summary>
    internal const int Smallest = 75;

    private readonly string headName;
    private readonly AdaptiveAvgPool2d pool = new(1);
    private readonly Flatten flatten = new();
    // A child, so that it is told when training ends; it has no state.
    private readonly Dropout dropout;
    private readonly Linear head;

    /// <summary>Puts a classifier on a backbone.</summary>
    /// <param name="backbone">The backbone, whose last stage is classified.</param>
    /// <param name="classes">Number of classes, K.</param>
    /// <param name="headName">What the weights call the linear layer.</param>
    /// <param name="shorterSide">Shorter side of a picture before its centre of 299x299 is cut out, pixels.</param>
    public InceptionClassifier(Backbone backbone, int classes, string headName, int shorterSide)
    {
        Backbone = Child("", backbone);
        this.headName = headName;
        dropout = Child("dropout", new Dropout(0.2));
        head = Child(headName, new Linear(backbone.Features[^1].Channels, classes));
        Preprocessing = PublishedInput.CentreBicubic(backbone.InChannels, 299, shorterSide).FromMinusOne();
    }

    /// <summary>The paper's networks; of v1 no weights for ImageNet were published.</summary>
    public static IReadOnlyList<ModelEntry> Entries { get; } =
    [
        Entry("inception_v4", 42_679_816, static channels => new InceptionV4(channels), "last_linear", 341),
        Entry("inception_resnet_v1", 22_756_328, static channels => new InceptionResNetV1(channels), "last_linear", 341),
        Entry("inception_resnet_v2", 55_843_464, static channels => new InceptionResNetV2(channels), "classif", 333),
    ];

    /// <inheritdoc/>
    public override Backbone Backbone { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<string> HeadPrefixes => [headName + "."];

    /// <inheritdoc/>
    /// <exception cref="FoveaException">The images have other channels or are too small.</exception>
    public override Tensor Logits(Tensor images)
    {
        PublishedInput.Require("Inception", images, Backbone.InChannels, Smallest, "its convolutions without padding leave nothing of less");
        using var scope = new TensorScope();
        return scope.Keep(head.Consume(dropout.Forward(flatten.Forward(pool.Consume(Backbone.Last(images))))));
    }

    private static ModelEntry Entry(string name, long parameters, Func<int, Backbone> backbone, string headName, int shorterSide) => new(
        name, ModelTask.Classification, "Szegedy et al., Inception-v4, Inception-ResNet and the Impact of Residual Connections on Learning", 2017, 1000, parameters,
        options => new InceptionClassifier(backbone(options.InChannels), options.Outputs, headName, shorterSide))
    {
        Backbone = options => backbone(options.InChannels),
        Weights = ["safetensors", "timm .pth"],
    };
}

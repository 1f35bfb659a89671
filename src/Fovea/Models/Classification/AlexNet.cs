using Fovea.Models.Backbones;
using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Models.Classification;

/// <summary>
/// One Weird Trick for Parallelizing Convolutional Neural Networks (Krizhevsky, 2014), the one-tower network of its first
/// footnote as torchvision builds it: narrower than <see cref="AlexNet2012"/>, without groups and without normalisation;
/// dropout stands before each hidden linear layer. <c>[N, 3, H, W]</c> of at least 63 pixels to <c>[N, K]</c>. The backbone
/// gives maps at strides of about 4, 8, 16 and 32. Keys of torchvision.
/// </summary>
public sealed class AlexNet : ImageClassifier
{
    private const int Cells = 6;

    private readonly AdaptiveAvgPool2d pool = new(Cells);
    private readonly Flatten flatten = new();
    private readonly Sequential classifier;

    /// <summary>Creates the network.</summary>
    /// <param name="classes">Number of classes, K.</param>
    /// <param name="inChannels">Channels of the images.</param>
    /// <param name="dropout">Share of the inputs of the hidden linear layers dropped in training.</param>
    public AlexNet(int classes = 1000, int inChannels = 3, double dropout = 0.5)
    {
        Backbone = Child("", BackboneOf(inChannels));
        classifier = Child("classifier", new Sequential(
            new Dropout(dropout), new Linear(256 * Cells * Cells, 4096), new ReLU(inPlace: true),
            new Dropout(dropout), new Linear(4096, 4096), new ReLU(inPlace: true), new Linear(4096, classes)));
        Preprocessing = PublishedInput.Centre(inChannels);
    }

    /// <summary>The network of the catalogue.</summary>
    public static IReadOnlyList<ModelEntry> Entries { get; } =
    [
        new("alexnet", ModelTask.Classification, "Krizhevsky, One Weird Trick for Parallelizing Convolutional Neural Networks", 2014, 1000, 61_100_840,
            options => new AlexNet(options.Outputs, options.InChannels)) { Backbone = static options => BackboneOf(options.InChannels) },
    ];

    /// <inheritdoc/>
    public override Backbone Backbone { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<string> HeadPrefixes => ["classifier.6."];

    /// <summary>The convolutions; keys <c>features</c>.</summary>
    /// <param name="inChannels">Channels of the images.</param>
    public static LayeredBackbone BackboneOf(int inChannels = 3) => new(
        "features",
        new Sequential(
            new Conv2d(inChannels, 64, 11, stride: 4, padding: 2), new ReLU(inPlace: true), new MaxPool2d(3, stride: 2),
            new Conv2d(64, 192, 5, padding: 2), new ReLU(inPlace: true), new MaxPool2d(3, stride: 2),
            new Conv2d(192, 384, 3, padding: 1), new ReLU(inPlace: true),
            new Conv2d(384, 256, 3, padding: 1), new ReLU(inPlace: true),
            new Conv2d(256, 256, 3, padding: 1), new ReLU(inPlace: true), new MaxPool2d(3, stride: 2)),
        inChannels, new("features.1", 64, 4), new("features.4", 192, 8), new("features.11", 256, 16), new("features.12", 256, 32));

    /// <inheritdoc/>
    /// <exception cref="FoveaException">The images have other channels or a side below 63 pixels.</exception>
    public override Tensor Logits(Tensor images)
    {
        PublishedInput.Require("AlexNet", images, Backbone.InChannels, 63, "its steps of 4, 2, 2 and 2 leave nothing of a smaller picture");
        using var scope = new TensorScope();
        return scope.Keep(classifier.Consume(flatten.Forward(pool.Consume(Backbone.Last(images)))));
    }
}

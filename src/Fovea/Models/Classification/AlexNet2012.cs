using Fovea.Models.Backbones;
using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Models.Classification;

/// <summary>
/// ImageNet Classification with Deep Convolutional Neural Networks (Krizhevsky, Sutskever, Hinton, NIPS 2012), section 3.5:
/// ReLUs, dropout and two GPUs made a network of this size trainable. The second, fourth and fifth convolution see only the
/// maps of their own GPU, here two groups; after the first two the activity of five neighbouring maps divides each (section
/// 3.3) before the overlapping pools. <c>[N, 3, H, W]</c>, published for 227 pixels, to <c>[N, K]</c>. The backbone gives maps at
/// strides of about 4, 8, 16 and 32. Keys <c>conv1</c> to <c>conv5</c>, <c>fc6</c> to <c>fc8</c>.
/// </summary>
public sealed class AlexNet2012 : ImageClassifier
{
    private const int Cells = 6;

    private readonly Sequential head;

    /// <summary>Creates the network with the initial weights of section 5.</summary>
    /// <param name="classes">Number of classes, K.</param>
    /// <param name="inChannels">Channels of the images.</param>
    /// <param name="groups">Groups of the second, fourth and fifth convolution; 1 lets every map see all.</param>
    /// <param name="normalise">Whether neighbouring maps divide each other.</param>
    /// <param name="dropout">Share of the outputs of the hidden linear layers dropped in training.</param>
    public AlexNet2012(int classes = 1000, int inChannels = 3, int groups = 2, bool normalise = true, double dropout = 0.5)
    {
        Backbone = Child("", BackboneOf(inChannels, groups, normalise));
        KeyValuePair<string, Layer>[] layers =
        [
            // Nothing changes at the published size, and other sizes fit the linear layers.
            Named("cells", new AdaptiveAvgPool2d(Cells)), Named("flat", new Flatten()),
            Named("fc6", new Linear(256 * Cells * Cells, 4096)), Named("relu6", new ReLU(inPlace: true)), Named("drop6", new Dropout(dropout)),
            Named("fc7", new Linear(4096, 4096)), Named("relu7", new ReLU(inPlace: true)), Named("drop7", new Dropout(dropout)),
            Named("fc8", new Linear(4096, classes)),
        ];
        foreach (var (name, layer) in layers)
            Child(name, layer);
        // Runs the layers, which stand at the network's level.
        head = new Sequential(layers);
        Initialise(head);
        Preprocessing = PublishedInput.Centre(inChannels, side: 227);
    }

    /// <summary>The network of the catalogue.</summary>
    public static IReadOnlyList<ModelEntry> Entries { get; } =
    [
        new("alexnet_2012", ModelTask.Classification, "Krizhevsky et al., ImageNet Classification with Deep Convolutional Neural Networks", 2012, 1000, 60_965_224,
            options => new AlexNet2012(options.Outputs, options.InChannels)) { Weights = ["safetensors"], Backbone = static options => BackboneOf(options.InChannels) },
    ];

    /// <inheritdoc/>
    public override Backbone Backbone { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<string> HeadPrefixes => ["fc8."];

    /// <summary>The convolutions.</summary>
    /// <param name="inChannels">Channels of the images.</param>
    /// <param name="groups">Groups of the second, fourth and fifth convolution.</param>
    /// <param name="normalise">Whether neighbouring maps divide each other.</param>
    public static LayeredBackbone BackboneOf(int inChannels = 3, int groups = 2, bool normalise = true)
    {
        var backbone = new LayeredBackbone(
            "",
            new Sequential([
                Named("conv1", new Conv2d(inChannels, 96, 11, stride: 4)), Named("relu1", new ReLU(inPlace: true)), Named("norm1", Norm()), Named("pool1", new MaxPool2d(3, stride: 2)),
                Named("conv2", new Conv2d(96, 256, 5, padding: 2, groups: groups)), Named("relu2", new ReLU(inPlace: true)), Named("norm2", Norm()), Named("pool2", new MaxPool2d(3, stride: 2)),
                Named("conv3", new Conv2d(256, 384, 3, padding: 1)), Named("relu3", new ReLU(inPlace: true)),
                Named("conv4", new Conv2d(384, 384, 3, padding: 1, groups: groups)), Named("relu4", new ReLU(inPlace: true)),
                Named("conv5", new Conv2d(384, 256, 3, padding: 1, groups: groups)), Named("relu5", new ReLU(inPlace: true)), Named("pool5", new MaxPool2d(3, stride: 2))]),
            inChannels, new("norm1", 96, 4), new("norm2", 256, 8), new("relu5", 256, 16), new("pool5", 256, 32));
        Initialise(backbone);
        return backbone;

        // The paper's alpha of 1e-4 multiplies the sum over the five maps, not their mean.
        Layer Norm() => normalise ? new LocalResponseNorm(5, alpha: 5e-4, beta: 0.75, k: 2) : new Identity();
    }

    /// <inheritdoc/>
    /// <exception cref="FoveaException">The images have other channels or a side below 67 pixels.</exception>
    public override Tensor Logits(Tensor images)
    {
        PublishedInput.Require("AlexNet 2012", images, Backbone.InChannels, 67, "its steps of 4, 2, 2 and 2 leave nothing of a smaller picture");
        return head.Consume(Backbone.Last(images));
    }

    private static void Initialise(Module part)
    {
        foreach (var (name, tensor) in part.NamedParameters())
        {
            if (name.EndsWith("weight", StringComparison.Ordinal))
                Init.Normal(tensor, 0, 0.01);
            else
                Init.Constant(tensor, name is "conv2.bias" or "conv4.bias" or "conv5.bias" or "fc6.bias" or "fc7.bias" ? 1 : 0);
        }
    }

    private static KeyValuePair<string, Layer> Named(string name, Layer layer) => KeyValuePair.Create(name, layer);
}

using Fovea.Models.Backbones;
using Fovea.Torch;
using Fovea.Torch.Nn;
using static Fovea.Models.NamedLayers;

namespace Fovea.Models.Classification;

/// <summary>
/// Visualizing and Understanding Convolutional Networks (Zeiler, Fergus, ECCV 2014), figure 3: pictures of what its maps
/// answer to showed that the large first kernels and steps of <see cref="AlexNet2012"/> lose fine detail and alias; with 7x7
/// kernels at step 2 and no groups it errs less. <c>[N, 3, H, W]</c>, published for 224 pixels, to <c>[N, K]</c>. The backbone gives
/// maps at strides of about 2 to 32. Keys <c>conv1</c> to <c>conv5</c>, <c>fc6</c> to <c>fc8</c>. No weights were published.
/// </summary>
public sealed class ZFNet : ImageClassifier
{
    private readonly Sequential head;

    /// <summary>Creates the network with the initial weights of section 3.</summary>
    /// <param name="classes">Number of classes, K.</param>
    /// <param name="inChannels">Channels of the images.</param>
    /// <param name="dropout">Share of the outputs of the hidden linear layers dropped in training.</param>
    public ZFNet(int classes = 1000, int inChannels = 3, double dropout = 0.5)
    {
        Backbone = Child("", BackboneOf(inChannels));
        head = Child("", HiddenLayers.Of(256, classes, ActivationKind.Relu, dropout));
        Initialise(head);
        Preprocessing = PublishedInput.Caffe(inChannels);
    }

    /// <summary>The network of the catalogue.</summary>
    public static IReadOnlyList<ModelEntry> Entries { get; } =
    [
        new("zfnet", ModelTask.Classification, "Zeiler and Fergus, Visualizing and Understanding Convolutional Networks", 2014, 1000, 62_357_608,
            static options => new ZFNet(options.Outputs, options.InChannels))
        {
            Weights = ["safetensors"], Backbone = static options => BackboneOf(options.InChannels),
        },
    ];

    /// <inheritdoc/>
    public override Backbone Backbone { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<string> HeadPrefixes => ["fc8."];

    /// <summary>The convolutions; the division by neighbouring maps follows the pools here.</summary>
    /// <param name="inChannels">Channels of the images.</param>
    public static LayeredBackbone BackboneOf(int inChannels = 3)
    {
        var backbone = new LayeredBackbone(
            "",
            new Sequential([
                Named("conv1", new Conv2d(inChannels, 96, 7, stride: 2, padding: 1)), Named("relu1", new ReLU(inPlace: true)), .. Reduction(1),
                Named("conv2", new Conv2d(96, 256, 5, stride: 2)), Named("relu2", new ReLU(inPlace: true)), .. Reduction(2),
                Named("conv3", new Conv2d(256, 384, 3, padding: 1)), Named("relu3", new ReLU(inPlace: true)),
                Named("conv4", new Conv2d(384, 384, 3, padding: 1)), Named("relu4", new ReLU(inPlace: true)),
                Named("conv5", new Conv2d(384, 256, 3, padding: 1)), Named("relu5", new ReLU(inPlace: true)), Named("pool5", new MaxPool2d(3, stride: 2))]),
            inChannels, new("relu1", 96, 2), new("norm1", 96, 4), new("relu2", 256, 8), new("relu5", 256, 16), new("pool5", 256, 32));
        Initialise(backbone);
        return backbone;
    }

    /// <inheritdoc/>
    /// <exception cref="FoveaException">The images have other channels or a side below 63 pixels.</exception>
    public override Tensor Logits(Tensor images)
    {
        PublishedInput.Require("ZFNet", images, Backbone.InChannels, 63, "its five steps of 2 without padding leave nothing of a smaller picture");
        using var scope = new TensorScope();
        return scope.Keep(head.Consume(Backbone.Last(images)));
    }

    // Pools go over the lower and right edge: 224 pixels become 110, 55, 26, 13 and 6 cells.
    private static KeyValuePair<string, Layer>[] Reduction(int number) =>
    [
        Named($"pool{number}", new MaxPool2d(3, stride: 2, ceilMode: true)), Named($"norm{number}", new LocalResponseNorm(5, alpha: 5e-4, beta: 0.75, k: 2)),
    ];

    private static void Initialise(Module part)
    {
        foreach (var (name, tensor) in part.NamedParameters())
        {
            if (name.EndsWith("weight", StringComparison.Ordinal))
                Init.Normal(tensor, 0, 0.01);
            else
                Init.Constant(tensor, 0);
        }
    }
}

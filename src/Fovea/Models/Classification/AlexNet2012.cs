using Fovea.Models.Backbones;
using Fovea.Torch;
using Fovea.Torch.Nn;
using static Fovea.Models.NamedLayers;

namespace Fovea.Models.Classification;

/// <summary>What the paper varies of <see cref="AlexNet2012"/>, and what Caffe's version of it does otherwise.</summary>
public sealed record AlexNet2012Options
{
    /// <summary>What the published network is made with.</summary>
    public static AlexNet2012Options Published { get; } = new();

    /// <summary>Groups of the second, fourth and fifth convolution; 1 lets every map see all.</summary>
    public int Groups { get; init; } = 2;

    /// <summary>Whether neighbouring maps divide each other.</summary>
    public bool ResponseNorm { get; init; } = true;

    /// <summary>Whether that division is Caffe's, which its published weights want: the mean over five maps and 1 are its divisor, where the paper has their sum and 2.</summary>
    public bool CaffeNorm { get; init; }

    /// <summary>Whether the first two pools stand before that division, as in CaffeNet.</summary>
    public bool PoolsFirst { get; init; }

    /// <summary>What follows every layer but the last; the paper's figure 1 has tanh beside the ReLU.</summary>
    public ActivationKind Activation { get; init; } = ActivationKind.Relu;

    /// <summary>Share of the outputs of the hidden linear layers dropped in training.</summary>
    public double Dropout { get; init; } = 0.5;
}

/// <summary>
/// ImageNet Classification with Deep Convolutional Neural Networks (Krizhevsky, Sutskever, Hinton, NIPS 2012), section 3.5:
/// ReLUs, dropout and two GPUs made a network of this size trainable. The second, fourth and fifth convolution see only the
/// maps of their own GPU, here two groups; after the first two the activity of five neighbouring maps divides each (section
/// 3.3) before the overlapping pools. <c>[N, 3, H, W]</c>, published for 227 pixels, to <c>[N, K]</c>. The backbone gives maps at
/// strides of about 4, 8, 16 and 32. Keys <c>conv1</c> to <c>conv5</c>, <c>fc6</c> to <c>fc8</c>.
/// </summary>
public sealed class AlexNet2012 : ImageClassifier
{
    private readonly Sequential head;

    /// <summary>Creates the network with the initial weights of section 5.</summary>
    /// <param name="classes">Number of classes, K.</param>
    /// <param name="inChannels">Channels of the images.</param>
    /// <param name="options">What differs from the published network.</param>
    public AlexNet2012(int classes = 1000, int inChannels = 3, AlexNet2012Options? options = null)
    {
        options ??= AlexNet2012Options.Published;
        Backbone = Child("", BackboneOf(inChannels, options));
        head = Child("", HiddenLayers.Of(256, classes, options.Activation, options.Dropout));
        Initialise(head);
        Preprocessing = PublishedInput.Caffe(inChannels, side: 227);
    }

    /// <summary>The network of the catalogue.</summary>
    public static IReadOnlyList<ModelEntry> Entries { get; } =
    [
        new("alexnet_2012", ModelTask.Classification, "Krizhevsky et al., ImageNet Classification with Deep Convolutional Neural Networks", 2012, 1000, 60_965_224,
            static options => new AlexNet2012(options.Outputs, options.InChannels, options.Varied(AlexNet2012Options.Published)))
        {
            Weights = ["safetensors"], Variation = AlexNet2012Options.Published, Backbone = static options => BackboneOf(options.InChannels),
        },
    ];

    /// <inheritdoc/>
    public override Backbone Backbone { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<string> HeadPrefixes => ["fc8."];

    /// <summary>The convolutions.</summary>
    /// <param name="inChannels">Channels of the images.</param>
    /// <param name="options">What differs from the published network.</param>
    public static LayeredBackbone BackboneOf(int inChannels = 3, AlexNet2012Options? options = null)
    {
        options ??= AlexNet2012Options.Published;
        var groups = options.Groups;
        var before = options.PoolsFirst ? "relu" : "norm";
        var backbone = new LayeredBackbone(
            "",
            new Sequential([
                Named("conv1", new Conv2d(inChannels, 96, 11, stride: 4)), Named("relu1", options.Activation.Make()), .. Reduction(1, options),
                Named("conv2", new Conv2d(96, 256, 5, padding: 2, groups: groups)), Named("relu2", options.Activation.Make()), .. Reduction(2, options),
                Named("conv3", new Conv2d(256, 384, 3, padding: 1)), Named("relu3", options.Activation.Make()),
                Named("conv4", new Conv2d(384, 384, 3, padding: 1, groups: groups)), Named("relu4", options.Activation.Make()),
                Named("conv5", new Conv2d(384, 256, 3, padding: 1, groups: groups)), Named("relu5", options.Activation.Make()), Named("pool5", new MaxPool2d(3, stride: 2))]),
            inChannels, new(before + "1", 96, 4), new(before + "2", 256, 8), new("relu5", 256, 16), new("pool5", 256, 32));
        Initialise(backbone);
        return backbone;
    }

    /// <inheritdoc/>
    /// <exception cref="FoveaException">The images have other channels or a side below 67 pixels.</exception>
    public override Tensor Logits(Tensor images)
    {
        PublishedInput.Require("AlexNet 2012", images, Backbone.InChannels, 67, "its steps of 4, 2, 2 and 2 leave nothing of a smaller picture");
        using var scope = new TensorScope();
        return scope.Keep(head.Consume(Backbone.Last(images)));
    }

    private static KeyValuePair<string, Layer>[] Reduction(int number, AlexNet2012Options options)
    {
        // The paper's alpha of 1e-4 multiplies the sum over the five maps, not their mean.
        var (alpha, k) = options.CaffeNorm ? (1e-4, 1) : (5e-4, 2);
        var norm = Named($"norm{number}", options.ResponseNorm ? new LocalResponseNorm(5, alpha, beta: 0.75, k) : new Identity());
        var pool = Named($"pool{number}", new MaxPool2d(3, stride: 2));
        return options.PoolsFirst ? [pool, norm] : [norm, pool];
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
}

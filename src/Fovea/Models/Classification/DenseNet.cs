using System.Globalization;
using System.Text.RegularExpressions;
using Fovea.Models.Backbones;
using Fovea.Torch;
using Fovea.Torch.Nn;
using Fovea.Torch.Serialization;

namespace Fovea.Models.Classification;

/// <summary>How a <see cref="DenseNet"/> is put together; what is not given is as in the paper's ImageNet networks.</summary>
public sealed record DenseNetOptions
{
    /// <summary>Layers of each dense block.</summary>
    public required IReadOnlyList<int> Blocks { get; init; }

    /// <summary>Channels that every layer adds, k.</summary>
    public int GrowthRate { get; init; } = 32;

    /// <summary>Channels of the first convolution.</summary>
    public int InitialChannels { get; init; } = 64;

    /// <summary>Output of a layer's 1x1 convolution in multiples of the growth rate.</summary>
    public int BottleneckFactor { get; init; } = 4;

    /// <summary>Share of the channels that a transition keeps, θ: above 0, at most 1.</summary>
    public double Compression { get; init; } = 0.5;

    /// <summary>Share of every layer's new values dropped in training.</summary>
    public double Dropout { get; init; }
}

/// <summary>
/// Densely Connected Convolutional Networks (Huang, Liu, van der Maaten, Weinberger, CVPR 2017), table 1: every layer sees the
/// maps of all layers before it and adds a few of its own, so that features are used again instead of learnt again.
/// <c>[N, 3, H, W]</c> to <c>[N, K]</c>. The backbone gives normed and rectified maps, before each transition reduces them, at
/// strides 2 to 32. Keys of torchvision; the first published weights, which spell <c>norm.1</c> for
/// <c>norm1</c>, load too.
/// </summary>
public sealed partial class DenseNet : ImageClassifier, IRenamedWeights
{
    private readonly int minimum;
    private readonly LayeredBackbone backbone;
    private readonly AdaptiveAvgPool2d pool = new(1);
    private readonly Flatten flatten = new();
    private readonly Linear classifier;

    /// <summary>Creates the network.</summary>
    /// <param name="options">How it is put together.</param>
    /// <param name="classes">Number of classes, K.</param>
    /// <param name="inChannels">Channels of the images.</param>
    public DenseNet(DenseNetOptions options, int classes = 1000, int inChannels = 3)
    {
        backbone = Child("", BackboneOf(options, inChannels));
        classifier = Child("classifier", new Linear(backbone.Features[^1].Channels, classes));
        Init.Constant(classifier.Bias!, 0);
        // The stem rounds up when it quarters, every transition rounds down when it halves.
        minimum = 4 * (1 << (options.Blocks.Count - 1)) - 3;
        Preprocessing = PublishedInput.Centre(inChannels);
    }

    /// <summary>The published depths.</summary>
    public static IReadOnlyList<ModelEntry> Entries { get; } =
    [
        Entry(121, 7_978_856), Entry(161, 28_681_000), Entry(169, 14_149_480), Entry(201, 20_013_928),
    ];

    /// <inheritdoc/>
    public override Backbone Backbone => backbone;

    /// <inheritdoc/>
    public override IReadOnlyList<string> HeadPrefixes => ["classifier."];

    /// <summary>The network of a published depth.</summary>
    /// <param name="depth">121, 161, 169 or 201.</param>
    /// <param name="classes">Number of classes, K.</param>
    /// <param name="inChannels">Channels of the images.</param>
    /// <exception cref="FoveaException">No network of this depth was published.</exception>
    public static DenseNet OfDepth(int depth, int classes = 1000, int inChannels = 3) => new(Published(depth), classes, inChannels);

    /// <summary>Everything but the classifier; keys <c>features</c>.</summary>
    /// <param name="options">How it is put together.</param>
    /// <param name="inChannels">Channels of the images.</param>
    public static LayeredBackbone BackboneOf(DenseNetOptions options, int inChannels = 3)
    {
        var channels = options.InitialChannels;
        var layers = new Sequential(
        [
            Named("conv0", new Conv2d(inChannels, channels, 7, stride: 2, padding: 3, hasBias: false)), Named("norm0", new BatchNorm2d(channels)),
            Named("relu0", new ReLU(inPlace: true)), Named("pool0", new MaxPool2d(3, stride: 2, padding: 1)),
        ]);
        var features = new List<FeatureInfo> { new("features.relu0", channels, 2) };
        for (var block = 1; block <= options.Blocks.Count; block++)
        {
            var number = block.ToString(CultureInfo.InvariantCulture);
            layers.Add("denseblock" + number, new DenseBlock(options.Blocks[block - 1], channels, options));
            channels += options.Blocks[block - 1] * options.GrowthRate;
            var isLast = block == options.Blocks.Count;
            features.Add(new FeatureInfo(isLast ? "features.relu5" : $"features.transition{number}.relu", channels, 2 << block));
            if (isLast)
                break;
            var kept = (int)(channels * options.Compression);
            layers.Add("transition" + number, Transition(channels, kept));
            channels = kept;
        }

        layers.Add("norm5", new BatchNorm2d(channels));
        layers.Add("relu5", new ReLU(inPlace: true));
        foreach (var (_, module) in layers.NamedModules())
        {
            if (module is Conv2d convolution)
                Init.KaimingNormal(convolution.Weight);
        }

        return new LayeredBackbone("features", layers, inChannels, features) { Renames = static name => OldLayer().Replace(name, "$1$2.") };
    }

    /// <summary>How the network of a published depth is put together.</summary>
    /// <param name="depth">121, 161, 169 or 201.</param>
    /// <exception cref="FoveaException">No network of this depth was published.</exception>
    public static DenseNetOptions Published(int depth) => depth switch
    {
        121 => new DenseNetOptions { Blocks = [6, 12, 24, 16] },
        161 => new DenseNetOptions { Blocks = [6, 12, 36, 24], GrowthRate = 48, InitialChannels = 96 },
        169 => new DenseNetOptions { Blocks = [6, 12, 32, 32] },
        201 => new DenseNetOptions { Blocks = [6, 12, 48, 32] },
        _ => throw new FoveaException($"DenseNet: found depth {depth}, expected 121, 161, 169 or 201"),
    };

    /// <inheritdoc/>
    /// <exception cref="FoveaException">The images have other channels, or a side too short for the transitions (29 pixels with four blocks).</exception>
    public override Tensor Logits(Tensor images)
    {
        PublishedInput.Require("DenseNet", images, backbone.InChannels, minimum, "the first two layers quarter the map and every transition halves it, to nothing below that");
        using var scope = new TensorScope();
        return scope.Keep(classifier.Consume(flatten.Forward(pool.Consume(backbone.Last(images)))));
    }

    /// <inheritdoc/>
    public string? CurrentName(string name) => backbone.Renames(name);

    private static Sequential Transition(int inChannels, int outChannels) => new(
    [
        Named("norm", new BatchNorm2d(inChannels)), Named("relu", new ReLU(inPlace: true)),
        Named("conv", new Conv2d(inChannels, outChannels, 1, hasBias: false)), Named("pool", new AvgPool2d(2)),
    ]);

    private static KeyValuePair<string, Layer> Named(string name, Layer layer) => KeyValuePair.Create(name, layer);

    private static ModelEntry Entry(int depth, long parameters) => new(
        $"densenet{depth}", ModelTask.Classification, "Huang et al., Densely Connected Convolutional Networks", 2017, 1000, parameters,
        options => OfDepth(depth, options.Outputs, options.InChannels))
    {
        Backbone = options => BackboneOf(Published(depth), options.InChannels),
    };

    [GeneratedRegex(@"(?<=^|\.)(denselayer\d+\.(?:norm|conv))\.([12])\.")]
    private static partial Regex OldLayer();
}

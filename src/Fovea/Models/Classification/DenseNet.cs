using System.Globalization;
using System.Text.RegularExpressions;
using Fovea.Models.Backbones;
using Fovea.Torch;
using Fovea.Torch.Nn;
using Fovea.Torch.Serialization;
using static Fovea.Models.NamedLayers;

namespace Fovea.Models.Classification;

/// <summary>
/// Densely Connected Convolutional Networks (Huang, Liu, van der Maaten, Weinberger, CVPR 2017), table 1: every layer sees the
/// maps of all layers before it and adds a few of its own, so that features are used again instead of learnt again.
/// <c>[N, 3, H, W]</c> to <c>[N, K]</c>. The backbone gives normed and rectified maps, before each transition reduces them, at
/// strides 2 to 32. Names with <c>cifar_</c> are those of section 4.2, called <c>_bc</c> with bottlenecks and compression; their
/// keys are alike. Keys of torchvision; the first published weights, which spell <c>norm.1</c> for
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
        var coarsest = 1 << (options.Blocks.Count - 1);
        minimum = options.SmallImages ? coarsest : 4 * coarsest - 3;
        Preprocessing = options.SmallImages
            ? PublishedInput.Exact(inChannels, 32)
            : PublishedInput.Centre(inChannels);
    }

    /// <summary>The published depths.</summary>
    public static IReadOnlyList<ModelEntry> Entries { get; } =
    [
        Entry(121, 7_978_856), Entry(161, 28_681_000), Entry(169, 14_149_480), Entry(201, 20_013_928),
        Cifar(40, 12, 1_019_722), Cifar(100, 12, 6_979_642), Cifar(100, 24, 27_249_082),
        Cifar(100, 12, 769_162, isBc: true), Cifar(250, 24, 15_324_406, isBc: true), Cifar(190, 40, 25_624_430, isBc: true),
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
        if (options.Blocks.Count == 0 || options.Blocks.Any(static count => count < 1) || !(options.Compression is > 0 and <= 1) || options.GrowthRate < 1)
            throw new FoveaException($"DenseNet: found blocks of {string.Join(", ", options.Blocks)} layers, growth rate {options.GrowthRate} and compression {options.Compression}, expected layers and growth of at least 1 and a compression above 0 and at most 1");
        if (options.Norm == NormKind.None)
            throw new FoveaException("DenseNet: found no norm, expected batch, instance, group or layer: activations come first in its layers and would change what later ones see");
        var layers = new Sequential(Stem(options, inChannels));
        var features = new List<FeatureInfo>();
        if (!options.SmallImages)
            features.Add(new FeatureInfo("features.relu0", channels, 2));
        for (var block = 1; block <= options.Blocks.Count; block++)
        {
            var number = block.ToString(CultureInfo.InvariantCulture);
            layers.Add("denseblock" + number, new DenseBlock(options.Blocks[block - 1], channels, options));
            channels += options.Blocks[block - 1] * options.GrowthRate;
            var isLast = block == options.Blocks.Count;
            features.Add(new FeatureInfo(isLast ? "features.relu5" : $"features.transition{number}.relu", channels, (options.SmallImages ? 1 : 4) << (block - 1)));
            if (isLast)
                break;
            var kept = Math.Max(1, (int)(channels * options.Compression));
            layers.Add("transition" + number, Transition(channels, kept, options));
            channels = kept;
        }

        layers.Add("norm5", options.Norm.Of(channels));
        layers.Add("relu5", options.Activation.Make());
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
        PublishedInput.Require("DenseNet", images, backbone.InChannels, minimum, "the layers before the first block may quarter the map, every transition halves it, and nothing is left below that");
        using var scope = new TensorScope();
        return scope.Keep(classifier.Consume(flatten.Forward(pool.Consume(backbone.Last(images)))));
    }

    /// <inheritdoc/>
    public string? CurrentName(string name) => backbone.Renames(name);

    private static KeyValuePair<string, Layer>[] Stem(DenseNetOptions options, int inChannels) => options.SmallImages
        ? [Named("conv0", new Conv2d(inChannels, options.InitialChannels, 3, padding: 1, hasBias: false))]
        :
        [
            Named("conv0", new Conv2d(inChannels, options.InitialChannels, 7, stride: 2, padding: 3, hasBias: false)), Named("norm0", options.Norm.Of(options.InitialChannels)),
            Named("relu0", options.Activation.Make()), Named("pool0", new MaxPool2d(3, stride: 2, padding: 1)),
        ];

    private static Sequential Transition(int inChannels, int outChannels, DenseNetOptions options) => new(
    [
        Named("norm", options.Norm.Of(inChannels)), Named("relu", options.Activation.Make()),
        Named("conv", new Conv2d(inChannels, outChannels, 1, hasBias: false)), Named("pool", new AvgPool2d(2)),
    ]);

    private static ModelEntry Entry(int depth, long parameters) => Entry($"densenet{depth}", Published(depth), 1000, parameters, ["safetensors", "torchvision .pth"]);

    private static ModelEntry Cifar(int depth, int growthRate, long parameters, bool isBc = false) => Entry(
        $"cifar_densenet{(isBc ? "_bc" : "")}{depth}_k{growthRate}", DenseNetOptions.ForCifar(depth, growthRate, isBc, isBc ? 0.5 : 1), 10, parameters, ["safetensors"]);

    private static ModelEntry Entry(string name, DenseNetOptions published, int classes, long parameters, string[] weights) => new(
        name, ModelTask.Classification, "Huang et al., Densely Connected Convolutional Networks", 2017, classes, parameters,
        options => new DenseNet(options.Varied(published), options.Outputs, options.InChannels))
    {
        Weights = weights, Variation = published, Backbone = options => BackboneOf(published, options.InChannels),
    };

    [GeneratedRegex(@"(?<=^|\.)(denselayer\d+\.(?:norm|conv))\.([12])\.")]
    private static partial Regex OldLayer();
}

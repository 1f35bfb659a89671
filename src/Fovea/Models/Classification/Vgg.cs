using Fovea.Models.Backbones;
using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Models.Classification;

/// <summary>What the paper and its followers vary of <see cref="Vgg"/>.</summary>
public sealed record VggOptions
{
    /// <summary>What the paper's networks are made with.</summary>
    public static VggOptions Published { get; } = new();

    /// <summary>What normalises the maps behind every convolution; the paper did without.</summary>
    public NormKind Norm { get; init; } = NormKind.None;

    /// <summary>What follows every layer but the last.</summary>
    public ActivationKind Activation { get; init; } = ActivationKind.Relu;

    /// <summary>Share of the outputs of the hidden linear layers dropped in training.</summary>
    public double Dropout { get; init; } = 0.5;

    /// <summary>Whether in evaluation the linear layers see every 7x7 cells of a larger picture, not its means (section 3.2), and the scores are averaged.</summary>
    public bool Dense { get; init; }
}

/// <summary>
/// Very Deep Convolutional Networks for Large-Scale Image Recognition (Simonyan, Zisserman, ICLR 2015), table 1 columns A, B, D
/// and E: nothing but 3x3 convolutions, since several of them see as far as a large one with fewer weights and more ReLUs
/// between; five pools halve the map. <c>[N, 3, H, W]</c> of at least 32 pixels to <c>[N, K]</c>. The backbone gives the map before
/// each pool, at strides 1 to 16, and that behind the last. Keys of torchvision.
/// </summary>
public sealed class Vgg : ImageClassifier
{
    private const string Paper = "Simonyan and Zisserman, Very Deep Convolutional Networks for Large-Scale Image Recognition";
    private const int Cells = 7;
    private const int Hidden = 4096;

    private static readonly int[] Widths = [64, 128, 256, 512, 512];

    private readonly AdaptiveAvgPool2d pool = new(Cells);
    private readonly Flatten flatten = new();
    private readonly Sequential classifier;

    private readonly bool isDense;

    private Vgg(LayeredBackbone backbone, VggOptions options, int classes)
    {
        isDense = options.Dense;
        Backbone = Child("", backbone);
        classifier = Child("classifier", new Sequential(
            new Linear(Widths[^1] * Cells * Cells, Hidden), options.Activation.Make(), new Dropout(options.Dropout),
            new Linear(Hidden, Hidden), options.Activation.Make(), new Dropout(options.Dropout), new Linear(Hidden, classes)));
        Initialise(classifier);
        Preprocessing = PublishedInput.Centre(backbone.InChannels);
    }

    /// <summary>The published depths, without and with batch normalisation.</summary>
    public static IReadOnlyList<ModelEntry> Entries { get; } =
    [
        Entry(11, false, 132_863_336), Entry(13, false, 133_047_848), Entry(16, false, 138_357_544), Entry(19, false, 143_667_240),
        Entry(11, true, 132_868_840), Entry(13, true, 133_053_736), Entry(16, true, 138_365_992), Entry(19, true, 143_678_248),
    ];

    /// <inheritdoc/>
    public override Backbone Backbone { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<string> HeadPrefixes => ["classifier.6."];

    /// <summary>The network of a published depth.</summary>
    /// <param name="depth">Layers with weights: 11, 13, 16 or 19.</param>
    /// <param name="options">What differs from the paper's network.</param>
    /// <param name="classes">Number of classes, K.</param>
    /// <param name="inChannels">Channels of the images.</param>
    /// <exception cref="FoveaException">No network of this depth was published.</exception>
    public static Vgg OfDepth(int depth, VggOptions? options = null, int classes = 1000, int inChannels = 3) =>
        new(BackboneOf(depth, options, inChannels), options ?? VggOptions.Published, classes);

    /// <summary>The convolutions of a published depth; keys <c>features</c>.</summary>
    /// <param name="depth">Layers with weights of the whole network: 11, 13, 16 or 19.</param>
    /// <param name="options">What differs from the paper's network.</param>
    /// <param name="inChannels">Channels of the images.</param>
    /// <exception cref="FoveaException">No network of this depth was published.</exception>
    public static LayeredBackbone BackboneOf(int depth, VggOptions? options = null, int inChannels = 3)
    {
        options ??= VggOptions.Published;
        ReadOnlySpan<int> convolutions = depth switch
        {
            11 => [1, 1, 2, 2, 2],
            13 => [2, 2, 2, 2, 2],
            16 => [2, 2, 3, 3, 3],
            19 => [2, 2, 4, 4, 4],
            _ => throw new FoveaException($"VGG: found depth {depth}, expected 11, 13, 16 or 19"),
        };
        var (layers, features, channels) = (new Sequential(), new List<FeatureInfo>(), inChannels);
        for (var stage = 0; stage < convolutions.Length; stage++)
        {
            for (var i = 0; i < convolutions[stage]; i++)
            {
                layers.Add(new Conv2d(channels, Widths[stage], 3, padding: 1));
                channels = Widths[stage];
                if (options.Norm != NormKind.None)
                    layers.Add(options.Norm.Of(channels));
                layers.Add(options.Activation.Make());
            }

            features.Add(new FeatureInfo($"features.{layers.Count - 1}", channels, 1 << stage));
            layers.Add(new MaxPool2d(2));
        }

        features.Add(new FeatureInfo($"features.{layers.Count - 1}", channels, 1 << convolutions.Length));
        var backbone = new LayeredBackbone("features", layers, inChannels, features);
        Initialise(backbone);
        return backbone;
    }

    /// <inheritdoc/>
    /// <exception cref="FoveaException">The images have other channels or a side below 32 pixels.</exception>
    public override Tensor Logits(Tensor images)
    {
        PublishedInput.Require("VGG", images, Backbone.InChannels, 32, "five pools halve the map, to nothing below that");
        using var scope = new TensorScope();
        if (isDense && !IsTraining)
            return scope.Keep(ClassMaps(images).Mean([2, 3]));
        return scope.Keep(classifier.Consume(flatten.Forward(pool.Consume(Backbone.Last(images)))));
    }

    /// <summary>
    /// The scores at every place of larger pictures (section 3.2): the linear layers as convolutions of 7x7 and 1x1 with the same
    /// weights. At 224 pixels the one cell is what <see cref="Logits"/> gives; elsewhere cells see what lies around, where crops see zeros.
    /// </summary>
    /// <param name="images"><c>[N, C, H, W]</c> with sides of at least 224.</param>
    /// <returns><c>[N, K, ⌊H/32⌋ − 6, ⌊W/32⌋ − 6]</c>.</returns>
    /// <exception cref="FoveaException">The images have other channels or a side below 224 pixels.</exception>
    public Tensor ClassMaps(Tensor images)
    {
        PublishedInput.Require("VGG over larger pictures", images, Backbone.InChannels, 32 * Cells, "the first linear layer sees 7x7 cells of 32 pixels");
        using var scope = new TensorScope();
        var current = Backbone.Last(images);
        for (var i = 0; i < classifier.Count; i++)
        {
            if (classifier[i] is not Linear linear)
            {
                current = classifier[i].Consume(current);
                continue;
            }

            var kernel = i == 0 ? Cells : 1;
            var weight = linear.Weight.View([linear.Weight.Shape[0], -1, kernel, kernel]).To(current.Dtype);
            current = Aten.Conv2d(current, weight, linear.Bias?.To(current.Dtype), [1, 1], [0, 0], [1, 1], 1);
        }

        return scope.Keep(current);
    }

    private static ModelEntry Entry(int depth, bool batchNorm, long parameters)
    {
        var published = batchNorm ? VggOptions.Published with { Norm = NormKind.Batch } : VggOptions.Published;
        return new ModelEntry(
            $"vgg{depth}{(batchNorm ? "_bn" : "")}", ModelTask.Classification, Paper, 2015, 1000, parameters,
            options => OfDepth(depth, options.Varied(published), options.Outputs, options.InChannels))
        {
            Variation = published, Backbone = options => BackboneOf(depth, published, options.InChannels),
        };
    }

    private static void Initialise(Module part)
    {
        foreach (var (_, module) in part.NamedModules())
        {
            switch (module)
            {
                case Conv2d convolution:
                    Init.KaimingNormal(convolution.Weight, fanOut: true);
                    Init.Constant(convolution.Bias!, 0);
                    break;
                case Linear linear:
                    Init.Normal(linear.Weight, 0, 0.01);
                    Init.Constant(linear.Bias!, 0);
                    break;
            }
        }
    }
}

using Fovea.Models.Backbones;
using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Models.Classification;

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

    private static readonly int[] Widths = [64, 128, 256, 512, 512];

    private readonly AdaptiveAvgPool2d pool = new(Cells);
    private readonly Flatten flatten = new();
    private readonly Sequential classifier;

    private Vgg(LayeredBackbone backbone, int classes, double dropout)
    {
        Backbone = Child("", backbone);
        classifier = Child("classifier", new Sequential(
            new Linear(Widths[^1] * Cells * Cells, 4096), new ReLU(inPlace: true), new Dropout(dropout),
            new Linear(4096, 4096), new ReLU(inPlace: true), new Dropout(dropout), new Linear(4096, classes)));
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
    /// <param name="batchNorm">Whether every convolution is normalised, which the paper did without.</param>
    /// <param name="classes">Number of classes, K.</param>
    /// <param name="inChannels">Channels of the images.</param>
    /// <param name="dropout">Share of the outputs of the hidden linear layers dropped in training.</param>
    /// <exception cref="FoveaException">No network of this depth was published.</exception>
    public static Vgg OfDepth(int depth, bool batchNorm = false, int classes = 1000, int inChannels = 3, double dropout = 0.5) =>
        new(BackboneOf(depth, batchNorm, inChannels), classes, dropout);

    /// <summary>The convolutions of a published depth; keys <c>features</c>.</summary>
    /// <param name="depth">Layers with weights of the whole network: 11, 13, 16 or 19.</param>
    /// <param name="batchNorm">Whether every convolution is normalised.</param>
    /// <param name="inChannels">Channels of the images.</param>
    /// <exception cref="FoveaException">No network of this depth was published.</exception>
    public static LayeredBackbone BackboneOf(int depth, bool batchNorm = false, int inChannels = 3)
    {
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
                if (batchNorm)
                    layers.Add(new BatchNorm2d(channels));
                layers.Add(new ReLU(inPlace: true));
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
        return scope.Keep(classifier.Consume(flatten.Forward(pool.Consume(Backbone.Last(images)))));
    }

    private static ModelEntry Entry(int depth, bool batchNorm, long parameters) => new(
        $"vgg{depth}{(batchNorm ? "_bn" : "")}", ModelTask.Classification, Paper, 2015, 1000, parameters,
        options => OfDepth(depth, batchNorm, options.Outputs, options.InChannels))
    {
        Backbone = options => BackboneOf(depth, batchNorm, options.InChannels),
    };

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

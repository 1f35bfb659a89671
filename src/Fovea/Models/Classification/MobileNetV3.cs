using Fovea.Models.Backbones;
using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Models.Classification;

/// <summary>
/// Searching for MobileNetV3 (Howard et al., ICCV 2019), tables 1 and 2: inverted bottlenecks whose widths were searched for
/// the time they take on a phone, with squeeze-and-excitation, hard swish where the map is coarse, and a cheaper end.
/// <c>[N, 3, H, W]</c> of any size to <c>[N, K]</c>. The backbone gives maps at strides 2 to 32, each the last of its size. Keys of
/// torchvision.
/// </summary>
public sealed class MobileNetV3 : ImageClassifier
{
    private readonly AdaptiveAvgPool2d pool = new(1);
    private readonly Flatten flatten = new();
    private readonly Sequential classifier;

    private MobileNetV3(LayeredBackbone backbone, int hidden, int classes, double dropout)
    {
        Backbone = Child("", backbone);
        classifier = Child("classifier", new Sequential(
            new Linear(backbone.Features[^1].Channels, hidden), new Hardswish(inPlace: true), new Dropout(dropout), new Linear(hidden, classes)));
        Initialise(classifier);
        Preprocessing = PublishedInput.Centre(backbone.InChannels);
    }

    /// <summary>The published sizes.</summary>
    public static IReadOnlyList<ModelEntry> Entries { get; } =
    [
        Entry("mobilenet_v3_small", 2_542_856, Small, SmallBackbone), Entry("mobilenet_v3_large", 5_483_032, Large, LargeBackbone),
    ];

    /// <inheritdoc/>
    public override Backbone Backbone { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<string> HeadPrefixes => ["classifier.3."];

    /// <summary>Table 1.</summary>
    /// <param name="classes">Number of classes, K.</param>
    /// <param name="inChannels">Channels of the images.</param>
    /// <param name="dropout">Share of the hidden values dropped in training.</param>
    public static MobileNetV3 Large(int classes = 1000, int inChannels = 3, double dropout = 0.2) => new(LargeBackbone(inChannels), 1280, classes, dropout);

    /// <summary>Table 1 without the classifier; keys <c>features</c>.</summary>
    /// <param name="inChannels">Channels of the images.</param>
    public static LayeredBackbone LargeBackbone(int inChannels = 3) => BackboneOf(LargeTable(), inChannels);

    /// <summary>Table 2.</summary>
    /// <param name="classes">Number of classes, K.</param>
    /// <param name="inChannels">Channels of the images.</param>
    /// <param name="dropout">Share of the hidden values dropped in training.</param>
    public static MobileNetV3 Small(int classes = 1000, int inChannels = 3, double dropout = 0.2) => new(SmallBackbone(inChannels), 1024, classes, dropout);

    /// <summary>Table 2 without the classifier; keys <c>features</c>.</summary>
    /// <param name="inChannels">Channels of the images.</param>
    public static LayeredBackbone SmallBackbone(int inChannels = 3) => BackboneOf(
        [
            new(16, 3, 16, 16, true, false, 2), new(16, 3, 72, 24, false, false, 2), new(24, 3, 88, 24, false, false, 1),
            new(24, 5, 96, 40, true, true, 2), new(40, 5, 240, 40, true, true, 1), new(40, 5, 240, 40, true, true, 1),
            new(40, 5, 120, 48, true, true, 1), new(48, 5, 144, 48, true, true, 1),
            new(48, 5, 288, 96, true, true, 2), new(96, 5, 576, 96, true, true, 1), new(96, 5, 576, 96, true, true, 1),
        ], inChannels);

    /// <inheritdoc/>
    /// <exception cref="FoveaException">The images have other channels or no pixels.</exception>
    public override Tensor Logits(Tensor images)
    {
        PublishedInput.Require("MobileNet-V3", images, Backbone.InChannels, 1, "there is nothing to see");
        using var scope = new TensorScope();
        return scope.Keep(classifier.Consume(flatten.Forward(pool.Consume(Backbone.Last(images)))));
    }

    /// <summary>Table 1, the bottlenecks.</summary>
    /// <param name="lastDilation">1 as published; 2 keeps the last stage at stride 16 and spreads its kernels instead.</param>
    internal static Bottleneck[] LargeTable(int lastDilation = 1) =>
    [
        new(16, 3, 16, 16, false, false, 1), new(16, 3, 64, 24, false, false, 2), new(24, 3, 72, 24, false, false, 1),
        new(24, 5, 72, 40, true, false, 2), new(40, 5, 120, 40, true, false, 1), new(40, 5, 120, 40, true, false, 1),
        new(40, 3, 240, 80, false, true, 2), new(80, 3, 200, 80, false, true, 1), new(80, 3, 184, 80, false, true, 1), new(80, 3, 184, 80, false, true, 1),
        new(80, 3, 480, 112, true, true, 1), new(112, 3, 672, 112, true, true, 1),
        new(112, 5, 672, 160, true, true, lastDilation == 1 ? 2 : 1, lastDilation),
        new(160, 5, 960, 160, true, true, 1, lastDilation), new(160, 5, 960, 160, true, true, 1, lastDilation),
    ];

    private static ModelEntry Entry(string name, long parameters, Func<int, int, double, MobileNetV3> build, Func<int, LayeredBackbone> backbone) => new(
        name, ModelTask.Classification, "Howard et al., Searching for MobileNetV3", 2019, 1000, parameters,
        options => build(options.Outputs, options.InChannels, 0.2)) { Backbone = options => backbone(options.InChannels) };

    private static LayeredBackbone BackboneOf(ReadOnlySpan<Bottleneck> bottlenecks, int inChannels)
    {
        var (channels, stride, features) = (bottlenecks[0].In, 2, new List<FeatureInfo>());
        var layers = new Sequential(InvertedResidual.Unit(inChannels, channels, 3, 2, 1, new Hardswish(inPlace: true)));
        foreach (var bottleneck in bottlenecks)
        {
            if (bottleneck.Stride > 1)
            {
                features.Add(new FeatureInfo($"features.{layers.Count - 1}", channels, stride));
                stride *= bottleneck.Stride;
            }

            layers.Add(new InvertedResidual(bottleneck));
            channels = bottleneck.Out;
        }

        layers.Add(InvertedResidual.Unit(channels, 6 * channels, 1, 1, 1, new Hardswish(inPlace: true)));
        features.Add(new FeatureInfo($"features.{layers.Count - 1}", 6 * channels, stride));
        var backbone = new LayeredBackbone("features", layers, inChannels, features);
        Initialise(backbone);
        return backbone;
    }

    /// <summary>Normal weights that keep the size of gradients, linear layers small.</summary>
    internal static void Initialise(Module part)
    {
        foreach (var (_, module) in part.NamedModules())
        {
            switch (module)
            {
                case Conv2d convolution:
                    Init.KaimingNormal(convolution.Weight, fanOut: true);
                    if (convolution.Bias is { } bias)
                        Init.Constant(bias, 0);
                    break;
                case Linear linear:
                    Init.Normal(linear.Weight, 0, 0.01);
                    Init.Constant(linear.Bias!, 0);
                    break;
            }
        }
    }

    /// <summary>A row of the tables.</summary>
    internal readonly record struct Bottleneck(int In, int Kernel, int Expanded, int Out, bool Squeezes, bool UsesHardSwish, int Stride, int Dilation = 1);

    /// <summary>Figure 4: 1x1 up, a kernel for each channel, squeeze-and-excitation, 1x1 down, the input added where shapes allow.</summary>
    internal sealed class InvertedResidual : Layer
    {
        private readonly Sequential block;
        private readonly bool adds;

        public InvertedResidual(Bottleneck row)
        {
            adds = row.Stride == 1 && row.In == row.Out;
            block = Child("block", new Sequential());
            if (row.Expanded != row.In)
                block.Add(Unit(row.In, row.Expanded, 1, 1, 1, Activation()));
            block.Add(Unit(row.Expanded, row.Expanded, row.Kernel, row.Stride, row.Expanded, Activation(), row.Dilation));
            if (row.Squeezes)
                block.Add(new SqueezeExcitation(row.Expanded, Divisible(row.Expanded / 4), new Hardsigmoid()));
            block.Add(Unit(row.Expanded, row.Out, 1, 1, 1, null));

            Layer Activation() => row.UsesHardSwish ? new Hardswish(inPlace: true) : new ReLU(inPlace: true);
        }

        /// <summary>Convolution, batch norm with the paper's slow statistics, activation.</summary>
        public static Sequential Unit(int inChannels, int outChannels, int kernel, int stride, int groups, Layer? activation, int dilation = 1)
        {
            var unit = new Sequential(
                new Conv2d(inChannels, outChannels, kernel, stride, padding: kernel / 2 * dilation, dilation: dilation, groups: groups, hasBias: false),
                new BatchNorm2d(outChannels, eps: 1e-3, momentum: 0.01));
            if (activation is not null)
                unit.Add(activation);
            return unit;
        }

        protected override Tensor Compute(Tensor input)
        {
            var main = block.Forward(input);
            if (!adds)
                return main;
            return HasHooks ? main.Add(input) : main.AddInPlace(input);
        }

        /// <summary>The nearest multiple of 8 that is not less than nine tenths of a width, as the paper's code rounds.</summary>
        private static int Divisible(int width)
        {
            var rounded = Math.Max(8, (width + 4) / 8 * 8);
            return rounded * 10 < width * 9 ? rounded + 8 : rounded;
        }
    }
}

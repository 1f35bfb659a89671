using Fovea.Models.Backbones;
using Fovea.Torch;
using Fovea.Torch.Nn;
using static Fovea.Models.NamedLayers;

namespace Fovea.Models.Classification;

/// <summary>What may differ from the published <see cref="InceptionV3"/>.</summary>
public sealed record InceptionV3Options : AuxiliaryOptions
{
    /// <summary>What the published network is made with.</summary>
    public static InceptionV3Options Published { get; } = new();

    /// <summary>Share of the means dropped before the classifier in training.</summary>
    public double Dropout { get; init; } = 0.5;
}

/// <summary>
/// Rethinking the Inception Architecture for Computer Vision (Szegedy et al., CVPR 2016), section 6 and table 1, in the form
/// whose weights were published: large kernels become rows of small ones, 7x7 ones a row of 1x7 and 7x1, the map is halved by
/// modules that convolve and pool beside each other, and the auxiliary head on the 17x17 map is normalised.
/// <c>[N, 3, H, W]</c> of at least 75 pixels to <c>[N, K]</c>. The backbone gives maps at strides of about 2, 4, 8, 16 and 32. Keys
/// of torchvision.
/// </summary>
/// <remarks>
/// The published weights expect values from -1 to 1, which <see cref="VisionModel.Preprocessing"/> gives (torchvision normalises as for other
/// networks and undoes it by its switch <c>transform_input</c>).
/// </remarks>
public sealed class InceptionV3 : AuxiliaryClassifier
{
    // The shortest side that gives the auxiliary head its 17x17 cells.
    private const int PublishedSide = 299;

    private readonly LayeredBackbone backbone;
    private readonly Layer[] head;
    private readonly AuxiliaryHead? auxiliaryHead;

    /// <summary>Creates the network.</summary>
    /// <param name="classes">Number of classes, K.</param>
    /// <param name="inChannels">Channels of the images.</param>
    /// <param name="options">What differs from the published network.</param>
    public InceptionV3(int classes = 1000, int inChannels = 3, InceptionV3Options? options = null)
    {
        options ??= InceptionV3Options.Published;
        backbone = Child("", BackboneOf(inChannels));
        auxiliaryHead = options.Auxiliary ? Child("AuxLogits", new AuxiliaryHead(classes)) : null;
        var fc = new Linear(2048, classes);
        head =
        [
            new AdaptiveAvgPool2d(1), Child("dropout", new Dropout(options.Dropout)), new Flatten(), Child("fc", fc),
        ];
        if (auxiliaryHead is not null)
        {
            Initialise(auxiliaryHead);
            Init.TruncatedNormal(auxiliaryHead.Wide.Weight, std: 0.01);
            Init.TruncatedNormal(auxiliaryHead.Classifier.Weight, std: 0.001);
        }

        Init.TruncatedNormal(fc.Weight, std: 0.1);
        AuxiliaryWeight = 0.4;
        Preprocessing = PublishedInput.Centre(inChannels, PublishedSide, shorterSide: 342).FromMinusOne();
    }

    /// <summary>The network of the catalogue.</summary>
    public static IReadOnlyList<ModelEntry> Entries { get; } =
    [
        new("inception_v3", ModelTask.Classification, "Szegedy et al., Rethinking the Inception Architecture for Computer Vision", 2016, 1000, 27_161_264,
            static options => new InceptionV3(options.Outputs, options.InChannels, options.Varied(InceptionV3Options.Published)))
        {
            Weights = ["safetensors", "torchvision .pth", "timm .pth"], Variation = InceptionV3Options.Published, Backbone = static options => BackboneOf(options.InChannels),
            Fit = static (names, options) => AuxiliaryOptions.Fit(names, options, InceptionV3Options.Published, "AuxLogits."),
        },
    ];

    /// <inheritdoc/>
    public override Backbone Backbone => backbone;

    /// <inheritdoc/>
    public override IReadOnlyList<string> HeadPrefixes => auxiliaryHead is null ? ["fc."] : ["fc.", "AuxLogits.fc."];

    /// <summary>Everything but the classifiers.</summary>
    /// <param name="inChannels">Channels of the images.</param>
    public static LayeredBackbone BackboneOf(int inChannels = 3) => Assemble(
        [
            Named("Conv2d_1a_3x3", new NormedConvolution(inChannels, 32, 3, stride: 2)), Named("Conv2d_2a_3x3", new NormedConvolution(32, 32, 3)),
            Named("Conv2d_2b_3x3", new NormedConvolution(32, 64, 3, padding: 1)), Named("maxpool1", new MaxPool2d(3, stride: 2)),
            Named("Conv2d_3b_1x1", new NormedConvolution(64, 80, 1)), Named("Conv2d_4a_3x3", new NormedConvolution(80, 192, 3)), Named("maxpool2", new MaxPool2d(3, stride: 2)),
            Named("Mixed_5b", InceptionModules.A(192, 32)), Named("Mixed_5c", InceptionModules.A(256, 64)),
        ],
        inChannels, new("Conv2d_2b_3x3", 64, 2), new("Conv2d_4a_3x3", 192, 4));

    /// <summary>Puts the modules from the third on behind a stem and the first two.</summary>
    internal static LayeredBackbone Assemble(IEnumerable<KeyValuePair<string, Layer>> lower, int inChannels, params IEnumerable<FeatureInfo> features)
    {
        var backbone = new LayeredBackbone(
            "",
            new Sequential([
                .. lower, Named("Mixed_5d", InceptionModules.A(288, 64)),
                Named("Mixed_6a", InceptionModules.B(288)), Named("Mixed_6b", InceptionModules.C(128)), Named("Mixed_6c", InceptionModules.C(160)),
                Named("Mixed_6d", InceptionModules.C(160)), Named("Mixed_6e", InceptionModules.C(192)),
                Named("Mixed_7a", InceptionModules.D()), Named("Mixed_7b", new InceptionE(1280)), Named("Mixed_7c", new InceptionE(2048))]),
            inChannels, [.. features, new("Mixed_5d", 288, 8), new("Mixed_6e", 768, 16), new("Mixed_7c", 2048, 32)]);
        Initialise(backbone);
        return backbone;
    }

    /// <exception cref="FoveaException">The images have other channels or a side below 75 pixels, with the auxiliary head below 299.</exception>
    private protected override Tensor Run(Tensor images, List<Tensor>? auxiliary)
    {
        PublishedInput.Require("Inception-v3", images, backbone.InChannels, 75, "convolutions and pools without padding use up the map");
        if (auxiliary is null || auxiliaryHead is null)
            return InceptionBranches.Run(head, backbone.Last(images));
        PublishedInput.Require("Inception-v3 in training", images, backbone.InChannels, PublishedSide,
            "the auxiliary head needs 17x17 cells for means of 5x5 cells and a 5x5 convolution (with the option auxiliary: false 75 are enough)");
        var maps = backbone.MapsOf(images, "Mixed_6e", "Mixed_7c");
        auxiliary.Add(auxiliaryHead.Forward(maps[0]));
        return InceptionBranches.Run(head, maps[1]);
    }

    private static void Initialise(Module part)
    {
        foreach (var (_, module) in part.NamedModules())
        {
            if (module is Conv2d convolution)
                Init.TruncatedNormal(convolution.Weight, std: 0.1);
        }
    }

    /// <summary>Means of 5x5 cells three apart, a 1x1 and a 5x5 convolution, the mean, one linear layer.</summary>
    private sealed class AuxiliaryHead : Layer
    {
        private readonly Layer[] layers;

        public AuxiliaryHead(int classes)
        {
            var conv0 = Child("conv0", new NormedConvolution(768, 128, 1));
            var conv1 = Child("conv1", new NormedConvolution(128, 768, 5));
            Wide = conv1.Convolution;
            Classifier = Child("fc", new Linear(768, classes));
            layers = [new AvgPool2d(5, stride: 3), conv0, conv1, new AdaptiveAvgPool2d(1), new Flatten(), Classifier];
        }

        public Conv2d Wide { get; }

        public Linear Classifier { get; }

        protected override Tensor Compute(Tensor input) => InceptionBranches.Run(layers, input);
    }
}

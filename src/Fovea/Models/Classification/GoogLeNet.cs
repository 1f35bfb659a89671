using Fovea.Models.Backbones;
using Fovea.Torch;
using Fovea.Torch.Nn;
using static Fovea.Models.NamedLayers;

namespace Fovea.Models.Classification;

/// <summary>What may differ from the published <see cref="GoogLeNet"/>.</summary>
public sealed record NormedGoogLeNetOptions : AuxiliaryOptions
{
    /// <summary>What the published network is made with.</summary>
    public static NormedGoogLeNetOptions Published { get; } = new();

    /// <summary>Share of the means dropped before the classifier in training.</summary>
    public double Dropout { get; init; } = 0.2;
}

/// <summary>
/// Going Deeper with Convolutions (Szegedy et al., CVPR 2015), table 1, as torchvision trained it: Inception modules look at
/// several scales at once behind 1x1 convolutions that keep them cheap. Every convolution has a batch norm instead of the
/// response norms of the stem, and the branch of 5x5 kernels has 3x3 ones, to which its weights were trained. Two auxiliary
/// heads feed the lower layers in training. <c>[N, 3, H, W]</c> of at least 15 pixels to <c>[N, K]</c>. The backbone gives maps at
/// strides 2 to 32. Keys of torchvision.
/// </summary>
/// <remarks>
/// The published weights expect values from -1 to 1, which <see cref="VisionModel.Preprocessing"/> gives (torchvision normalises as for other
/// networks and undoes it by its switch <c>transform_input</c>); their auxiliary heads were never trained.
/// </remarks>
public sealed class GoogLeNet : AuxiliaryClassifier
{
    private readonly LayeredBackbone backbone;
    private readonly AuxiliaryHead? aux1;
    private readonly AuxiliaryHead? aux2;
    private readonly Layer[] head;

    /// <summary>Creates the network.</summary>
    /// <param name="classes">Number of classes, K.</param>
    /// <param name="inChannels">Channels of the images.</param>
    /// <param name="options">What differs from the published network.</param>
    public GoogLeNet(int classes = 1000, int inChannels = 3, NormedGoogLeNetOptions? options = null)
    {
        options ??= NormedGoogLeNetOptions.Published;
        backbone = Child("", BackboneOf(inChannels));
        aux1 = options.Auxiliary ? Child("aux1", new AuxiliaryHead(512, classes)) : null;
        aux2 = options.Auxiliary ? Child("aux2", new AuxiliaryHead(528, classes)) : null;
        head = [new AdaptiveAvgPool2d(1), new Flatten(), Child("dropout", new Dropout(options.Dropout)), Child("fc", new Linear(1024, classes))];
        Initialise(this);

        AuxiliaryWeight = 0.3;
        Preprocessing = PublishedInput.Centre(inChannels).FromMinusOne();
    }

    /// <summary>The network of the catalogue.</summary>
    public static IReadOnlyList<ModelEntry> Entries { get; } =
    [
        new("googlenet", ModelTask.Classification, "Szegedy et al., Going Deeper with Convolutions", 2015, 1000, 13_004_888,
            static options => new GoogLeNet(options.Outputs, options.InChannels, options.Varied(NormedGoogLeNetOptions.Published)))
        {
            Variation = NormedGoogLeNetOptions.Published, Backbone = static options => BackboneOf(options.InChannels),
            Fit = static (names, options) => AuxiliaryOptions.Fit(names, options, NormedGoogLeNetOptions.Published, "aux1."),
        },
    ];

    /// <inheritdoc/>
    public override Backbone Backbone => backbone;

    /// <inheritdoc/>
    public override IReadOnlyList<string> HeadPrefixes => aux1 is null ? ["fc."] : ["fc.", "aux1.fc2.", "aux2.fc2."];

    /// <summary>Everything but the classifiers.</summary>
    /// <param name="inChannels">Channels of the images.</param>
    public static LayeredBackbone BackboneOf(int inChannels = 3) => BackboneOf(inChannels, isWhole: true);

    /// <summary>The same, or what comes before the last pool.</summary>
    internal static LayeredBackbone BackboneOf(int inChannels, bool isWhole)
    {
        List<KeyValuePair<string, Layer>> last = isWhole
            ? [Halve(4, 2), Inception("5a", 832, 256, (160, 320), (32, 128), 128), Inception("5b", 832, 384, (192, 384), (48, 128), 128)]
            : [];
        List<FeatureInfo> features = [new("conv1", 64, 2), new("conv3", 192, 4), new("inception3b", 480, 8), new("inception4e", 832, 16)];
        if (isWhole)
            features.Add(new FeatureInfo("inception5b", 1024, 32));
        var backbone = new LayeredBackbone(
            "",
            new Sequential([
                Named("conv1", new NormedConvolution(inChannels, 64, 7, stride: 2, padding: 3)), Halve(1, 3),
                Named("conv2", new NormedConvolution(64, 64, 1)), Named("conv3", new NormedConvolution(64, 192, 3, padding: 1)), Halve(2, 3),
                Inception("3a", 192, 64, (96, 128), (16, 32), 32), Inception("3b", 256, 128, (128, 192), (32, 96), 64), Halve(3, 3),
                Inception("4a", 480, 192, (96, 208), (16, 48), 64), Inception("4b", 512, 160, (112, 224), (24, 64), 64),
                Inception("4c", 512, 128, (128, 256), (24, 64), 64), Inception("4d", 512, 112, (144, 288), (32, 64), 64),
                Inception("4e", 528, 256, (160, 320), (32, 128), 128), .. last]),
            inChannels, features);
        Initialise(backbone);
        return backbone;
    }

    /// <exception cref="FoveaException">The images have other channels or a side below 15 pixels.</exception>
    private protected override Tensor Run(Tensor images, List<Tensor>? auxiliary)
    {
        PublishedInput.Require("GoogLeNet", images, backbone.InChannels, 15, "the third pool of 3x3 cells finds none of a smaller picture");
        if (auxiliary is null || aux1 is null || aux2 is null)
            return InceptionBranches.Run(head, backbone.Last(images));
        var maps = backbone.MapsOf(images, "inception4a", "inception4d", "inception5b");
        auxiliary.AddRange(aux1.Forward(maps[0]), aux2.Forward(maps[1]));
        return InceptionBranches.Run(head, maps[2]);
    }

    private static void Initialise(Module part)
    {
        foreach (var (_, module) in part.NamedModules())
        {
            if (module is Conv2d or Linear)
                Init.TruncatedNormal(module is Conv2d convolution ? convolution.Weight : ((Linear)module).Weight, std: 0.01);
        }
    }

    private static KeyValuePair<string, Layer> Halve(int number, int kernelSize) => Named($"maxpool{number}", new MaxPool2d(kernelSize, stride: 2, ceilMode: true));

    private static KeyValuePair<string, Layer> Inception(string name, int inChannels, int ones, (int Reduced, int Width) threes, (int Reduced, int Width) fives, int pooled) =>
        Named("inception" + name, new InceptionBranches(
            ("branch1", new NormedConvolution(inChannels, ones, 1)),
            ("branch2", new Sequential(new NormedConvolution(inChannels, threes.Reduced, 1), new NormedConvolution(threes.Reduced, threes.Width, 3, padding: 1))),
            ("branch3", new Sequential(new NormedConvolution(inChannels, fives.Reduced, 1), new NormedConvolution(fives.Reduced, fives.Width, 3, padding: 1))),
            ("branch4", new Sequential(new MaxPool2d(3, stride: 1, padding: 1), new NormedConvolution(inChannels, pooled, 1)))));

    /// <summary>Means of 4x4 cells, a 1x1 convolution and two linear layers.</summary>
    private sealed class AuxiliaryHead : Layer
    {
        private const int Cells = 4;

        private readonly Layer[] layers;

        public AuxiliaryHead(int inChannels, int classes) => layers =
        [
            new AdaptiveAvgPool2d(Cells), Child("conv", new NormedConvolution(inChannels, 128, 1)), new Flatten(),
            Child("fc1", new Linear(128 * Cells * Cells, 1024)), new ReLU(inPlace: true), Child("dropout", new Dropout(0.7)), Child("fc2", new Linear(1024, classes)),
        ];

        protected override Tensor Compute(Tensor input) => InceptionBranches.Run(layers, input);
    }
}

using Fovea.Models.Backbones;
using Fovea.Torch;
using Fovea.Torch.Nn;
using static Fovea.Models.NamedLayers;

namespace Fovea.Models.Classification;

/// <summary>What may differ from the published <see cref="GoogLeNetOriginal"/>.</summary>
public sealed record GoogLeNetOptions : AuxiliaryOptions
{
    /// <summary>What the published network is made with.</summary>
    public static GoogLeNetOptions Published { get; } = new();

    /// <summary>Whether the stem's maps divide their neighbours.</summary>
    public bool ResponseNorm { get; init; } = true;

    /// <summary>Share of the means dropped before the classifier in training.</summary>
    public double Dropout { get; init; } = 0.4;
}

/// <summary>
/// Going Deeper with Convolutions (Szegedy et al., CVPR 2015), table 1, as the paper and Caffe have it: without batch norms
/// (which <see cref="GoogLeNet"/> of torchvision has), with response norms in the stem and 5x5 kernels. <c>[N, 3, H, W]</c>, published
/// for 224 pixels, to <c>[N, K]</c>; the auxiliary heads train on pictures of about that size alone. The backbone gives maps at
/// strides 2 to 32. Keys are the layers' names in Caffe, such as <c>inception_3a/3x3_reduce.weight</c>.
/// </summary>
public sealed class GoogLeNetOriginal : AuxiliaryClassifier
{
    // 14x14 to 16x16 cells of the auxiliary heads' maps have 4x4 means.
    private const int SmallestForHeads = 209;
    private const int LargestForHeads = 256;

    private readonly Stages backbone;
    private readonly AuxiliaryHead? loss1;
    private readonly AuxiliaryHead? loss2;
    private readonly Layer[] head;

    /// <summary>Creates the network.</summary>
    /// <param name="classes">Number of classes, K.</param>
    /// <param name="inChannels">Channels of the images.</param>
    /// <param name="options">What differs from the published network.</param>
    public GoogLeNetOriginal(int classes = 1000, int inChannels = 3, GoogLeNetOptions? options = null)
    {
        options ??= GoogLeNetOptions.Published;
        backbone = Child("", new Stages(inChannels, options.ResponseNorm));
        loss1 = options.Auxiliary ? Child("", new AuxiliaryHead("loss1", 512, classes)) : null;
        loss2 = options.Auxiliary ? Child("", new AuxiliaryHead("loss2", 528, classes)) : null;
        head = [new AdaptiveAvgPool2d(1), new Flatten(), Child("pool5/drop_7x7_s1", new Dropout(options.Dropout)), Child("loss3/classifier", new Linear(1024, classes))];
        foreach (var (_, module) in NamedModules())
        {
            if (module is Linear linear)
            {
                Init.XavierUniform(linear.Weight);
                Init.Constant(linear.Bias!, 0);
            }
        }

        AuxiliaryWeight = 0.3;
        Preprocessing = PublishedInput.Caffe(inChannels);
    }

    /// <summary>The network of the catalogue.</summary>
    public static IReadOnlyList<ModelEntry> Entries { get; } =
    [
        new("googlenet_2014", ModelTask.Classification, "Szegedy et al., Going Deeper with Convolutions", 2015, 1000, 13_378_280,
            static options => new GoogLeNetOriginal(options.Outputs, options.InChannels, options.Varied(GoogLeNetOptions.Published)))
        {
            Weights = ["safetensors", "Caffe's names in .pth"], Variation = GoogLeNetOptions.Published, Backbone = static options => new Stages(options.InChannels, responseNorm: true),
            Fit = static (names, options) => AuxiliaryOptions.Fit(names, options, GoogLeNetOptions.Published, "loss1/"),
        },
    ];

    /// <inheritdoc/>
    public override Backbone Backbone => backbone;

    /// <inheritdoc/>
    public override IReadOnlyList<string> HeadPrefixes =>
        loss1 is null ? ["loss3/classifier."] : ["loss3/classifier.", "loss1/classifier.", "loss2/classifier."];

    /// <exception cref="FoveaException">The images have other channels or a size that the network or, in training, its auxiliary heads cannot take.</exception>
    private protected override Tensor Run(Tensor images, List<Tensor>? auxiliary)
    {
        PublishedInput.Require("GoogLeNet of 2014", images, backbone.InChannels, 31, "the fourth pool finds no two cells of a smaller picture");
        if (auxiliary is null || loss1 is null || loss2 is null)
            return InceptionBranches.Run(head, backbone.Last(images));
        var (height, width) = (images.Shape[2], images.Shape[3]);
        if (Math.Min(height, width) < SmallestForHeads || Math.Max(height, width) > LargestForHeads)
        {
            throw new FoveaException(
                $"GoogLeNet of 2014 in training: found images of {width}x{height} pixels, expected sides of {SmallestForHeads} to {LargestForHeads}, of which the auxiliary heads see 4x4 means; set the preprocessing to 224x224, or the option auxiliary to false");
        }

        var maps = backbone.RunAll(images);
        auxiliary.AddRange(loss1.Forward(maps.First), loss2.Forward(maps.Second));
        return InceptionBranches.Run(head, maps.Last);
    }

    /// <summary>Everything but the classifiers.</summary>
    private sealed class Stages : Backbone
    {
        private readonly Layer[] stages;
        private readonly Layer[] parts;

        public Stages(int inChannels, bool responseNorm)
        {
            InChannels = inChannels;
            Sequential stem1 = new(Unit("conv1/7x7_s2", "conv1/relu_7x7", new Conv2d(inChannels, 64, 7, stride: 2, padding: 3)));
            Sequential stem2 = new([
                Halve("pool1/3x3_s2"), Norm("pool1/norm1"), .. Unit("conv2/3x3_reduce", "conv2/relu_3x3_reduce", new Conv2d(64, 64, 1)),
                .. Unit("conv2/3x3", "conv2/relu_3x3", new Conv2d(64, 192, 3, padding: 1))]);
            Sequential third = new([Norm("conv2/norm2"), Halve("pool2/3x3_s2"), Inception("3a", 192, 64, (96, 128), (16, 32), 32), Inception("3b", 256, 128, (128, 192), (32, 96), 64)]);
            Sequential fourthA = new([Halve("pool3/3x3_s2"), Inception("4a", 480, 192, (96, 208), (16, 48), 64)]);
            Sequential fourthD = new([
                Inception("4b", 512, 160, (112, 224), (24, 64), 64), Inception("4c", 512, 128, (128, 256), (24, 64), 64), Inception("4d", 512, 112, (144, 288), (32, 64), 64)]);
            Sequential fourthE = new([Inception("4e", 528, 256, (160, 320), (32, 128), 128)]);
            Sequential fifth = new([Halve("pool4/3x3_s2"), Inception("5a", 832, 256, (160, 320), (32, 128), 128), Inception("5b", 832, 384, (192, 384), (48, 128), 128)]);
            parts = [stem1, stem2, third, fourthA, fourthD, fourthE, fifth];
            foreach (var part in parts)
                Child("", part);
            // Runs the parts, which stand at the network's level.
            stages = [stem1, stem2, third, new Sequential(fourthA, fourthD, fourthE), fifth];
            foreach (var (_, module) in NamedModules())
            {
                if (module is Conv2d convolution)
                {
                    Init.XavierUniform(convolution.Weight);
                    Init.Constant(convolution.Bias!, 0.2);
                }
            }

            KeyValuePair<string, Layer> Norm(string name) => Named(name, responseNorm ? new LocalResponseNorm(5) : new Identity());
        }

        public override int InChannels { get; }

        public override IReadOnlyList<FeatureInfo> Features { get; } =
        [
            new("conv1/relu_7x7", 64, 2), new("conv2/relu_3x3", 192, 4), new("inception_3b/output", 480, 8), new("inception_4e/output", 832, 16), new("inception_5b/output", 1024, 32),
        ];

        public override IReadOnlyList<Tensor> Forward(Tensor images, params ReadOnlySpan<int> stages) => RunStages(null, this.stages, images, stages);

        /// <summary>The maps of 4a and 4d, which the auxiliary heads see, and the last.</summary>
        public (Tensor First, Tensor Second, Tensor Last) RunAll(Tensor images)
        {
            var maps = RunStages(null, parts, images, [3, 4, 6]);
            return (maps[0], maps[1], maps[2]);
        }

        private static KeyValuePair<string, Layer>[] Unit(string name, string relu, Conv2d convolution) => [Named(name, convolution), Named(relu, new ReLU(inPlace: true))];

        private static KeyValuePair<string, Layer> Halve(string name) => Named(name, new MaxPool2d(3, stride: 2, ceilMode: true));

        private static KeyValuePair<string, Layer> Inception(string name, int inChannels, int ones, (int Reduced, int Width) threes, (int Reduced, int Width) fives, int pooled)
        {
            name = $"inception_{name}/";
            return Named("", new InceptionBranches()
                .Chain(Unit("1x1", new Conv2d(inChannels, ones, 1)))
                .Chain([.. Unit("3x3_reduce", new Conv2d(inChannels, threes.Reduced, 1)), .. Unit("3x3", new Conv2d(threes.Reduced, threes.Width, 3, padding: 1))])
                .Chain([.. Unit("5x5_reduce", new Conv2d(inChannels, fives.Reduced, 1)), .. Unit("5x5", new Conv2d(fives.Reduced, fives.Width, 5, padding: 2))])
                .Chain([(name + "pool", new MaxPool2d(3, stride: 1, padding: 1)), .. Unit("pool_proj", new Conv2d(inChannels, pooled, 1))])
                .Join(name + "output"));

            (string, Layer)[] Unit(string part, Conv2d convolution) => [(name + part, convolution), ($"{name}relu_{part}", new ReLU(inPlace: true))];
        }
    }

    /// <summary>Means of 5x5 cells three apart, a 1x1 convolution and two linear layers.</summary>
    private sealed class AuxiliaryHead : Layer
    {
        private readonly Layer[] layers;

        public AuxiliaryHead(string name, int inChannels, int classes)
        {
            var convolution = new Conv2d(inChannels, 128, 1);
            layers =
            [
                new AvgPool2d(5, stride: 3), Child(name + "/conv", convolution), new ReLU(inPlace: true), new Flatten(), Child(name + "/fc", new Linear(128 * 4 * 4, 1024)),
                new ReLU(inPlace: true), Child(name + "/drop_fc", new Dropout(0.7)), Child(name + "/classifier", new Linear(1024, classes)),
            ];
            Init.XavierUniform(convolution.Weight);
            Init.Constant(convolution.Bias!, 0.2);
        }

        protected override Tensor Compute(Tensor input) => InceptionBranches.Run(layers, input);
    }
}

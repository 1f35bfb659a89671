using Fovea.Models.Backbones;
using Fovea.Torch;
using Fovea.Torch.Nn;
using static Fovea.Models.NamedLayers;

namespace Fovea.Models.Classification;

/// <summary>
/// Batch Normalization: Accelerating Deep Network Training by Reducing Internal Covariate Shift (Ioffe, Szegedy, ICML 2015),
/// figure 5: GoogLeNet with batch norms in place of response norms, two 3x3 kernels for each 5x5 one and modules that halve the
/// map; it learnt fourteen times faster. Also called Inception-v2. <c>[N, 3, H, W]</c> to <c>[N, K]</c>. The backbone gives maps at
/// strides 2 to 32.
/// </summary>
/// <remarks>
/// <c>bn_inception</c> is the Caffe network whose weights were published: wider projections in 4c and 4d and biases before the
/// norms; <c>bn_inception_paper</c> is the paper's table. Keys of both are the flat ones of the PyTorch port, such as
/// <c>inception_3a_double_3x3_1_bn.weight</c>.
/// </remarks>
public sealed class BnInception : Backbone
{
    private readonly Sequential[] stages;
    private readonly FeatureInfo[] features;

    /// <summary>Creates the network without its classifier.</summary>
    /// <param name="inChannels">Channels of the images.</param>
    /// <param name="isPort">Whether it is the Caffe network, not the paper's table.</param>
    public BnInception(int inChannels = 3, bool isPort = true)
    {
        InChannels = inChannels;
        var (projected, joined) = isPort ? (128, 608) : (96, 576);
        stages =
        [
            new Sequential(Unit("conv1_7x7_s2", "conv1_relu_7x7", new Conv2d(inChannels, 64, 7, stride: 2, padding: 3, hasBias: isPort))),
            new Sequential([
                Named("pool1_3x3_s2", Halve()), .. Unit("conv2_3x3_reduce", "conv2_relu_3x3_reduce", new Conv2d(64, 64, 1, hasBias: isPort)),
                .. Unit("conv2_3x3", "conv2_relu_3x3", new Conv2d(64, 192, 3, padding: 1, hasBias: isPort))]),
            new Sequential([
                Named("pool2_3x3_s2", Halve()), Keep("3a", 192, 64, (64, 64), (64, 96), 32), Keep("3b", 256, 64, (64, 96), (64, 96), 64)]),
            new Sequential([
                Reduce("3c", 320, (128, 160), (64, 96)), Keep("4a", 576, 224, (64, 96), (96, 128), 128), Keep("4b", 576, 192, (96, 128), (96, 128), 128),
                Keep("4c", 576, 160, (128, 160), (128, 160), projected), Keep("4d", joined, 96, (128, 192), (160, 192), projected)]),
            new Sequential([
                Reduce("4e", joined, (128, 192), (192, 256)), Keep("5a", joined + 448, 352, (192, 320), (160, 224), 128),
                Keep("5b", 1024, 352, (192, 320), (192, 224), 128, poolsMaximum: true)]),
        ];
        foreach (var stage in stages)
            Child("", stage);
        features = [new("conv1_relu_7x7", 64, 2), new("conv2_relu_3x3", 192, 4), new("inception_3b_output", 320, 8), new("inception_4d_output", joined, 16), new("inception_5b_output", 1024, 32)];
        foreach (var (_, module) in NamedModules())
        {
            if (module is not Conv2d convolution)
                continue;
            Init.KaimingNormal(convolution.Weight);
            if (convolution.Bias is { } bias)
                Init.Constant(bias, 0);
        }

        KeyValuePair<string, Layer> Keep(string name, int channels, int ones, (int Reduced, int Width) threes, (int Reduced, int Width) doubles, int pooled, bool poolsMaximum = false)
        {
            name = $"inception_{name}_";
            return Named("", new InceptionBranches()
                .Chain(Part(name, "1x1", new Conv2d(channels, ones, 1, hasBias: isPort)))
                .Chain(Threes(name, channels, threes, stride: 1))
                .Chain(Doubles(name, channels, doubles, stride: 1))
                .Chain([
                    (name + "pool", poolsMaximum ? new MaxPool2d(3, stride: 1, padding: 1, ceilMode: true) : new AvgPool2d(3, stride: 1, padding: 1, ceilMode: true)),
                    .. Part(name, "pool_proj", new Conv2d(channels, pooled, 1, hasBias: isPort))])
                .Join(name + "output"));
        }

        KeyValuePair<string, Layer> Reduce(string name, int channels, (int Reduced, int Width) threes, (int Reduced, int Width) doubles)
        {
            name = $"inception_{name}_";
            return Named("", new InceptionBranches()
                .Chain(Threes(name, channels, threes, stride: 2)).Chain(Doubles(name, channels, doubles, stride: 2)).Chain((name + "pool", Halve())).Join(name + "output"));
        }

        (string, Layer)[] Threes(string name, int channels, (int Reduced, int Width) widths, int stride) =>
        [
            .. Part(name, "3x3_reduce", new Conv2d(channels, widths.Reduced, 1, hasBias: isPort)),
            .. Part(name, "3x3", new Conv2d(widths.Reduced, widths.Width, 3, stride, padding: 1, hasBias: isPort)),
        ];

        (string, Layer)[] Doubles(string name, int channels, (int Reduced, int Width) widths, int stride) =>
        [
            .. Part(name, "double_3x3_reduce", new Conv2d(channels, widths.Reduced, 1, hasBias: isPort)),
            .. Part(name, "double_3x3_1", new Conv2d(widths.Reduced, widths.Width, 3, padding: 1, hasBias: isPort)),
            .. Part(name, "double_3x3_2", new Conv2d(widths.Width, widths.Width, 3, stride, padding: 1, hasBias: isPort)),
        ];
    }

    /// <summary>The published network and the paper's.</summary>
    public static IReadOnlyList<ModelEntry> Entries { get; } =
    [
        Entry("bn_inception", 11_295_240, isPort: true), Entry("bn_inception_paper", 11_194_984, isPort: false),
    ];

    /// <inheritdoc/>
    public override int InChannels { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<FeatureInfo> Features => features;

    /// <inheritdoc/>
    /// <exception cref="FoveaException">The convolutions and the pools that halve the map side by side come to different sizes.</exception>
    public override IReadOnlyList<Tensor> Forward(Tensor images, params ReadOnlySpan<int> stages)
    {
        if (stages.Length == 0 || stages.ContainsAnyInRange(3, 4))
        {
            foreach (var side in (ReadOnlySpan<long>)[images.Shape[2], images.Shape[3]])
                RequireEvenMaps(side);
        }

        return RunStages(null, this.stages, images, stages);
    }

    // Pools give ⌊n/2⌋ of n cells and convolutions of step 2 give ⌈n/2⌉, twice behind the map of stride 8.
    private static void RequireEvenMaps(long side)
    {
        var cells = (side + 1) / 2 / 2 / 2;
        if (cells % 4 != 0 || cells == 0)
            throw new FoveaException($"BN-Inception: found images with a side of {side} pixels, expected one near a multiple of 32, such as {Math.Max(1, (side + 16) / 32) * 32}: its modules halve maps by pools and convolutions side by side, which agree on maps of even sides alone; set the preprocessing to such a size");
    }

    // Caffe's pools go over the lower and right edge.
    private static MaxPool2d Halve() => new(3, stride: 2, ceilMode: true);

    private static KeyValuePair<string, Layer>[] Unit(string name, string relu, Conv2d convolution) =>
        [Named(name, convolution), Named(name + "_bn", new BatchNorm2d(convolution.OutChannels)), Named(relu, new ReLU(inPlace: true))];

    private static (string, Layer)[] Part(string module, string part, Conv2d convolution) =>
        [.. Unit(module + part, $"{module}relu_{part}", convolution).Select(static layer => (layer.Key, layer.Value))];

    private static ModelEntry Entry(string name, long parameters, bool isPort) => new(
        name, ModelTask.Classification, "Ioffe and Szegedy, Batch Normalization: Accelerating Deep Network Training", 2015, 1000, parameters,
        options => new ResNetClassifier(new BnInception(options.InChannels, isPort), options.Outputs, "last_linear")
        {
            Preprocessing = PublishedInput.Caffe(options.InChannels, blue: 104, green: 117, red: 128),
        })
    {
        Weights = isPort ? ["safetensors", "PyTorch .pth"] : ["safetensors"],
        Backbone = options => new BnInception(options.InChannels, isPort),
    };
}

using Fovea.Models.Backbones;
using Fovea.Torch.Nn;

namespace Fovea.Models.Classification;

/// <summary>
/// Network In Network (Lin, Chen, Yan, ICLR 2014): after every convolution a small network looks at each cell alone (1x1
/// convolutions, today in every network), and the mean of one map for each class takes the place of the fully connected
/// layers. Keys and layers of the Caffe models: <c>conv1</c>, <c>cccp1</c>, <c>cccp2</c> and on.
/// </summary>
public sealed class NetworkInNetwork : PlainConvolutions
{
    private NetworkInNetwork(LayeredBackbone backbone, string lastName, int classes, PlainOptions? options, int smallest, Preprocessing preprocessing)
        : base(backbone, lastName, classes, options ?? PlainOptions.Published, smallest) => Preprocessing = preprocessing;

    /// <summary>The network for CIFAR-10 and that for ImageNet.</summary>
    public static IReadOnlyList<ModelEntry> Entries { get; } =
    [
        Entry("nin_cifar", 10, 966_986, ForCifar, CifarBackbone),
        Entry("nin_imagenet", 1000, 7_595_176, ForImageNet, ImageNetBackbone),
    ];

    /// <summary>Three blocks for <c>[N, 3, 32, 32]</c>; the second pool takes means, as the published model's does.</summary>
    /// <param name="classes">Number of classes, K.</param>
    /// <param name="inChannels">Channels of the images.</param>
    /// <param name="options">What differs from the published network.</param>
    public static NetworkInNetwork ForCifar(int classes = 10, int inChannels = 3, PlainOptions? options = null) => new(
        CifarBackbone(inChannels, options), "cccp6", classes, options, 4, PublishedInput.Exact(inChannels, 32));

    /// <summary>The three blocks without the last convolution; maps at strides 1, 2 and 4.</summary>
    /// <param name="inChannels">Channels of the images.</param>
    /// <param name="options">What differs from the published network.</param>
    public static LayeredBackbone CifarBackbone(int inChannels = 3, PlainOptions? options = null) => BackboneOf(
        [
            .. Block(1, 1, new Conv2d(inChannels, 192, 5, padding: 2), 160, 96, options), Named("pool", 1, MaxPool()), Named("drop", 3, new Dropout((options ?? PlainOptions.Published).Dropout)),
            .. Block(2, 3, new Conv2d(96, 192, 5, padding: 2), 192, 192, options), Named("pool", 2, new AvgPool2d(3, stride: 2, ceilMode: true)), Named("drop", 6, new Dropout((options ?? PlainOptions.Published).Dropout)),
            .. Activated("conv3", new Conv2d(192, 192, 3, padding: 1), options ?? PlainOptions.Published), .. Activated("cccp5", new Conv2d(192, 192, 1), options ?? PlainOptions.Published),
        ],
        inChannels, new("relu_cccp2", 96, 1), new("relu_cccp4", 192, 2), new("relu_cccp5", 192, 4));

    /// <summary>Four blocks for <c>[N, 3, 224, 224]</c>; the fourth's convolution is called <c>conv4-1024</c>.</summary>
    /// <param name="classes">Number of classes, K.</param>
    /// <param name="inChannels">Channels of the images.</param>
    /// <param name="options">What differs from the published network.</param>
    public static NetworkInNetwork ForImageNet(int classes = 1000, int inChannels = 3, PlainOptions? options = null) =>
        new(ImageNetBackbone(inChannels, options), "cccp8-1024", classes, options, 39, PublishedInput.Caffe(inChannels));

    /// <summary>The four blocks without the last convolution; maps at strides of about 4, 8, 16 and 32.</summary>
    /// <param name="inChannels">Channels of the images.</param>
    /// <param name="options">What differs from the published network.</param>
    public static LayeredBackbone ImageNetBackbone(int inChannels = 3, PlainOptions? options = null) => BackboneOf(
        [
            .. Block(1, 1, new Conv2d(inChannels, 96, 11, stride: 4), 96, 96, options), Named("pool", 1, MaxPool()),
            .. Block(2, 3, new Conv2d(96, 256, 5, padding: 2), 256, 256, options), Named("pool", 2, MaxPool()),
            .. Block(3, 5, new Conv2d(256, 384, 3, padding: 1), 384, 384, options), Named("pool", 3, MaxPool()), Named("drop", 1, new Dropout((options ?? PlainOptions.Published).Dropout)),
            .. Activated("conv4-1024", new Conv2d(384, 1024, 3, padding: 1), options ?? PlainOptions.Published),
            .. Activated("cccp7-1024", new Conv2d(1024, 1024, 1), options ?? PlainOptions.Published),
        ],
        inChannels, new("relu_cccp2", 96, 4), new("relu_cccp4", 256, 8), new("relu_cccp6", 384, 16), new("relu_cccp7-1024", 1024, 32));

    private static IEnumerable<KeyValuePair<string, Layer>> Block(int number, int firstInner, Conv2d convolution, int inner, int outer, PlainOptions? options)
    {
        options ??= PlainOptions.Published;
        return
        [
            .. Activated($"conv{number}", convolution, options),
            .. Activated($"cccp{firstInner}", new Conv2d(convolution.OutChannels, inner, 1), options),
            .. Activated($"cccp{firstInner + 1}", new Conv2d(inner, outer, 1), options),
        ];
    }

    // Caffe's pools go over the lower and right edge.
    private static MaxPool2d MaxPool() => new(3, stride: 2, ceilMode: true);

    private static ModelEntry Entry(string name, int classes, long parameters, Func<int, int, PlainOptions?, NetworkInNetwork> build, Func<int, PlainOptions?, LayeredBackbone> backbone) => new(
        name, ModelTask.Classification, "Lin et al., Network In Network", 2014, classes, parameters,
        options => build(options.Outputs, options.InChannels, options.Varied(PlainOptions.Published)))
    {
        Weights = ["safetensors"], Variation = PlainOptions.Published, Backbone = options => backbone(options.InChannels, null),
    };
}

using System.Globalization;
using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Models.Segmentation;

/// <summary>
/// Fully Convolutional Networks for Semantic Segmentation (Long, Shelhamer, Darrell, CVPR 2015, PAMI 2017) as published: the linear
/// layers of VGG-16 become convolutions, so that a classifier gives a map of scores for an image of any size; scores of finer
/// maps are added on the way back up (32s: none, 16s: pool 4, 8s: pools 4 and 3). 100 zeros around the image let the
/// smallest through, and every sum crops its offset. <c>[N, 3, H, W]</c> to <c>[N, K, H, W]</c>. Keys of the usual PyTorch port, which
/// are Caffe's.
/// </summary>
/// <remarks>
/// Trained from coarse to fine: the weights of 32s start 16s, those of 16s start 8s, and those of a VGG-16 classifier start
/// any of them. "At once" trains 8s without the stages; the pooled maps are scaled down instead.
/// </remarks>
public sealed class FcnVgg : SingleOutputSegmenter
{
    private const string Paper = "Long et al., Fully Convolutional Networks for Semantic Segmentation";
    private const int Border = 100;

    private readonly int stride;
    private readonly bool isAtOnce;
    private readonly Vgg16Trunk trunk;
    private readonly Sequential hidden;
    private readonly Conv2d score;
    private readonly Conv2d? score4;
    private readonly Conv2d? score3;
    private readonly FixedEnlargement? enlarge2;
    private readonly FixedEnlargement? enlarge4;
    private readonly FixedEnlargement enlarge;

    /// <summary>Creates the network.</summary>
    /// <param name="stride">Pixels between the finest scores: 32, 16 or 8.</param>
    /// <param name="inChannels">Channels of the images.</param>
    /// <param name="classes">Number of classes, K.</param>
    /// <param name="isAtOnce">Whether the pooled maps are scaled as for training all streams at once.</param>
    /// <param name="width">Channels of the two layers that were linear.</param>
    /// <param name="trunkWidth">Channels of the first stage of VGG-16.</param>
    /// <exception cref="FoveaException">The stride is none of the three.</exception>
    public FcnVgg(int stride, int inChannels, int classes, bool isAtOnce = false, int width = 4096, int trunkWidth = 64)
    {
        if (stride is not (8 or 16 or 32))
            throw new FoveaException($"FCN: found stride {stride}, expected 32, 16 or 8");
        this.stride = stride;
        this.isAtOnce = isAtOnce;
        trunk = Child("", new Vgg16Trunk(inChannels, Border, static _ => new MaxPool2d(2, ceilMode: true), width: trunkWidth));
        var fc6 = Child("fc6", new Conv2d(trunk.ChannelsOf(4), width, 7));
        var fc7 = Child("fc7", new Conv2d(width, width, 1));
        Vgg16Trunk.Initialise(fc6);
        Vgg16Trunk.Initialise(fc7);
        hidden = new Sequential(
            fc6, new ReLU(inPlace: true), Child("drop6", new Dropout2d(0.5)), fc7, new ReLU(inPlace: true), Child("drop7", new Dropout2d(0.5)));
        score = Child("score_fr", Silent(width, classes));
        if (stride == 32)
        {
            enlarge = Child("upscore", new FixedEnlargement(classes, 32));
        }
        else
        {
            score3 = stride == 8 ? Child("score_pool3", Silent(trunk.ChannelsOf(2), classes)) : null;
            score4 = Child("score_pool4", Silent(trunk.ChannelsOf(3), classes));
            enlarge2 = Child("upscore2", new FixedEnlargement(classes, 2));
            enlarge4 = stride == 8 ? Child("upscore_pool4", new FixedEnlargement(classes, 2)) : null;
            enlarge = Child(string.Create(CultureInfo.InvariantCulture, $"upscore{stride}"), new FixedEnlargement(classes, stride));
        }

        Preprocessing = CaffeInput.Centred(inChannels);
    }

    /// <summary>The three published networks, and the finest for training at once.</summary>
    public static IReadOnlyList<ModelEntry> Entries { get; } =
    [
        Entry("fcn32s_vgg16", 32, false, 136_152_917, []),
        Entry("fcn16s_vgg16", 16, false, 134_815_994, [Coarser("fcn32s_vgg16", "upscore.")]),
        Entry("fcn8s_vgg16", 8, false, 134_489_759, [Coarser("fcn16s_vgg16", "upscore16."), Coarser("fcn32s_vgg16", "upscore.")]),
        Entry("fcn8s_atonce_vgg16", 8, true, 134_489_759, []),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<string> HeadPrefixes => stride switch
    {
        32 => ["score_fr.", "upscore."],
        16 => ["score_fr.", "score_pool4.", "upscore2.", "upscore16."],
        _ => ["score_fr.", "score_pool3.", "score_pool4.", "upscore2.", "upscore_pool4.", "upscore8."],
    };

    /// <inheritdoc/>
    protected override Tensor Logits(Tensor images)
    {
        using var scope = new TensorScope();
        var pooled = trunk.Forward(images, 2);
        var scores = score.Consume(hidden.Consume(pooled[2]));
        // What the paddings and the kernels of the enlargements add up to; they depend on the border of 100.
        if (score4 is not null)
            scores = Sum(enlarge2!.Consume(scores), score4.Consume(Scaled(pooled[1], 0.01)), 5);
        if (score3 is not null)
            scores = Sum(enlarge4!.Consume(scores), score3.Consume(Scaled(pooled[0], 0.0001)), 9);
        var offset = stride switch { 32 => 19, 16 => 27, _ => 31 };
        return scope.Keep(Crop(enlarge.Consume(scores), offset, images.Shape[2], images.Shape[3]));
    }

    private static Conv2d Silent(int channels, int classes)
    {
        var convolution = new Conv2d(channels, classes, 1);
        Init.Constant(convolution.Weight, 0);
        Init.Constant(convolution.Bias!, 0);
        return convolution;
    }

    private static ModelEntry Entry(string name, int stride, bool isAtOnce, long parameters, IEnumerable<StartingPoint> coarser) => new(
        name, ModelTask.Semantic, Paper, 2015, 21, parameters, options => new FcnVgg(stride, options.InChannels, options.Outputs, isAtOnce))
    {
        Weights = ["safetensors", ".pth"],
        StartsFrom = [.. coarser, StartingPoint.FromVgg16(static name => name switch
        {
            "classifier.0.weight" => "fc6.weight",
            "classifier.0.bias" => "fc6.bias",
            "classifier.3.weight" => "fc7.weight",
            "classifier.3.bias" => "fc7.bias",
            _ => Vgg16Trunk.FromClassifier(name),
        })],
    };

    // Everything goes over but the last enlargement, which has another stride.
    private static StartingPoint Coarser(string model, string last) =>
        new(model, last + "weight", name => name.StartsWith(last, StringComparison.Ordinal) ? null : name);

    private Tensor Scaled(Tensor map, double factor) => isAtOnce ? map * factor : map;

    private static Tensor Sum(Tensor enlarged, Tensor finer, int offset) => enlarged + Crop(finer, offset, enlarged.Shape[2], enlarged.Shape[3]);

    private static Tensor Crop(Tensor map, int offset, long height, long width) => map.Narrow(2, offset, height).Narrow(3, offset, width);
}

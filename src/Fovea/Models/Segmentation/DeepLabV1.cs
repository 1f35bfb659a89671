using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Models.Segmentation;

/// <summary>
/// Semantic Image Segmentation with Deep Convolutional Nets and Fully Connected CRFs (Chen, Papandreou, Kokkinos, Murphy, Yuille, ICLR
/// 2015): VGG-16 whose last two pools no longer step and whose kernels behind them spread their taps ("atrous"), so that scores
/// stay at stride 8 with the weights of the classifier. Trained against labels at that stride; a fully connected CRF sharpens the result
/// (<see cref="Segmenter.Crf"/>). <c>[N, 3, H, W]</c> to <c>[N, K, H, W]</c>. Keys <c>conv1_1</c> to <c>conv5_3</c>, <c>fc6</c>, <c>fc7</c>, <c>fc8</c>.
/// </summary>
public sealed class DeepLabV1 : CoarseSegmenter
{
    private const string Paper = "Chen et al., Semantic Image Segmentation with Deep Convolutional Nets and Fully Connected CRFs";

    private readonly Vgg16Trunk trunk;
    private readonly Sequential head;

    /// <summary>Creates the network with a field of view of table 2.</summary>
    /// <param name="inChannels">Channels of the images.</param>
    /// <param name="classes">Number of classes, K.</param>
    /// <param name="kernel">Side of the kernel of what was the first linear layer.</param>
    /// <param name="dilation">Distance between its taps.</param>
    /// <param name="width">Channels of the two layers that were linear.</param>
    public DeepLabV1(int inChannels, int classes, int kernel = 3, int dilation = 12, int width = 1024)
    {
        trunk = Child("", DilatedTrunk(inChannels));
        head = Child("", new Sequential());
        AddHead(head, trunk.ChannelsOf(4), classes, kernel, dilation, width, "");
        Preprocessing = CaffeInput.Centred(inChannels);
    }

    /// <summary>Three fields of view; LargeFOV is the fastest and the best.</summary>
    public static IReadOnlyList<ModelEntry> Entries { get; } =
    [
        Entry("deeplabv1_vgg16_largefov", 3, 12, 1024, 20_505_429),
        Entry("deeplabv1_vgg16_4x4", 4, 4, 4096, 65_140_565),
        Entry("deeplabv1_vgg16_7x7", 7, 4, 4096, 134_346_581),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<string> HeadPrefixes => ["fc8."];

    /// <summary>VGG-16 at stride 8: pools 4 and 5 keep the size and the convolutions between them spread their taps by 2.</summary>
    internal static Vgg16Trunk DilatedTrunk(int inChannels) => new(
        inChannels, border: 1, static stage => stage < 3 ? new MaxPool2d(3, stride: 2, padding: 1, ceilMode: true) : new MaxPool2d(3, stride: 1, padding: 1), lastDilation: 2);

    /// <summary>What follows the trunk, named <c>fc6</c> to <c>fc8</c> with a suffix.</summary>
    internal static void AddHead(Sequential head, int channels, int classes, int kernel, int dilation, int width, string suffix)
    {
        var span = dilation * (kernel - 1);
        var (fc6, fc7, fc8) = (
            new Conv2d(channels, width, kernel, padding: span / 2, dilation: dilation), new Conv2d(width, width, 1), new Conv2d(width, classes, 1));
        Vgg16Trunk.Initialise(fc6);
        Vgg16Trunk.Initialise(fc7);
        // As the paper's code starts the new layer.
        Init.Normal(fc8.Weight, 0, 0.01);
        Init.Constant(fc8.Bias!, 0);
        foreach (var (name, convolution) in new[] { ("fc6", fc6), ("fc7", fc7) })
        {
            head.Add(name + suffix, convolution);
            head.Add($"relu_{name}{suffix}", new ReLU(inPlace: true));
            head.Add($"drop_{name}{suffix}", new Dropout(0.5));
        }

        head.Add("fc8" + suffix, fc8);
    }

    /// <inheritdoc/>
    private protected override IReadOnlyList<(string Name, Tensor Scores)> CoarseScores(Tensor images) => [(Main, head.Consume(trunk.Forward(images, 4)[0]))];

    private static ModelEntry Entry(string name, int kernel, int dilation, int width, long parameters) => new(
        name, ModelTask.Semantic, Paper, 2015, 21, parameters, options => new DeepLabV1(options.InChannels, options.Outputs, kernel, dilation, width))
    {
        Weights = ["safetensors"],
        StartsFrom = [StartingPoint.FromVgg16(name => name switch
        {
            // Smaller kernels have no counterpart in the classifier.
            "classifier.0.weight" when kernel == 7 => "fc6.weight",
            "classifier.0.bias" when kernel == 7 => "fc6.bias",
            "classifier.3.weight" when width == 4096 => "fc7.weight",
            "classifier.3.bias" when width == 4096 => "fc7.bias",
            _ => Vgg16Trunk.FromClassifier(name),
        })],
    };
}

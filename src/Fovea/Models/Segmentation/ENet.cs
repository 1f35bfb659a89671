using System.Globalization;
using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Models.Segmentation;

/// <summary>
/// ENet: A Deep Neural Network Architecture for Real-Time Semantic Segmentation (Paszke, Chaurasia, Kim, Culurciello, 2016), table
/// 1: early halving, narrow bottlenecks with dilated and asymmetric convolutions, a small decoder that puts values back
/// where the pooled maxima were. <c>[N, C, H, W]</c> to <c>[N, K, H, W]</c> of any size; multiples of 8 divide evenly, others are
/// padded with zeros inside. Keys are those of the most used PyTorch port, whose PReLUs have one slope each.
/// </summary>
public sealed class ENet : SingleOutputSegmenter
{
    private const int Multiple = 8;
    private const int StemChannels = 16;
    private const double Dropped = 0.1;

    private readonly Stem stem;
    private readonly ENetDownsampling[] down;
    private readonly Sequential[] encoder;
    private readonly ENetUpsampling[] up;
    private readonly Sequential[] decoder;
    private readonly ConvTranspose2d head;

    /// <summary>Creates the network.</summary>
    /// <param name="inChannels">Channels of the images, C: fewer than 16, because they stand beside convolutions in the first block's 16.</param>
    /// <param name="classes">Number of classes, K.</param>
    /// <exception cref="FoveaException">There are 16 channels or more.</exception>
    public ENet(int inChannels, int classes)
    {
        if (inChannels >= StemChannels)
            throw new FoveaException($"ENet: found images of {inChannels} channels, expected fewer than {StemChannels}");
        static Layer Learned() => new PReLU();
        static Layer Plain() => new ReLU(inPlace: true);
        stem = Child("initial_block", new Stem(inChannels));
        const double droppedEarly = 0.01;
        var first = Child("downsample1_0", new ENetDownsampling(StemChannels, 64, droppedEarly, Learned));
        var stage1 = Chain([.. Enumerable.Range(1, 4).Select(i => ($"regular1_{i}", new ENetBottleneck(64, droppedEarly, Learned)))]);
        var second = Child("downsample2_0", new ENetDownsampling(64, 128, Dropped, Learned));
        var stage2 = Chain(Mixed(2, 1));
        var stage3 = Chain(Mixed(3, 0));
        down = [first, second];
        encoder = [stage1, stage2, stage3];
        var third = Child("upsample4_0", new ENetUpsampling(128, 64, Dropped, Plain));
        var stage4 = Chain([("regular4_1", new ENetBottleneck(64, Dropped, Plain)), ("regular4_2", new ENetBottleneck(64, Dropped, Plain))]);
        var fourth = Child("upsample5_0", new ENetUpsampling(64, StemChannels, Dropped, Plain));
        var stage5 = Chain([("regular5_1", new ENetBottleneck(StemChannels, Dropped, Plain))]);
        up = [third, fourth];
        decoder = [stage4, stage5];
        head = Child("transposed_conv", new ConvTranspose2d(StemChannels, classes, 3, stride: 2, padding: 1, outputPadding: 1, hasBias: false));
        Preprocessing = new Preprocessing { SizeMultiple = Multiple }.Adapt(inChannels);

        // Sections 2 and 3 of table 1: the same eight blocks.
        static (string Name, ENetBottleneck Block)[] Mixed(int stage, int number)
        {
            (string Kind, int Dilation)[] kinds =
                [("regular", 1), ("dilated", 2), ("asymmetric", 1), ("dilated", 4), ("regular", 1), ("dilated", 8), ("asymmetric", 1), ("dilated", 16)];
            return [.. kinds.Select((k, i) => (string.Create(CultureInfo.InvariantCulture, $"{k.Kind}{stage}_{number + i}"),
                new ENetBottleneck(128, Dropped, Learned, k.Dilation, k.Kind == "asymmetric")))];
        }
    }

    /// <summary>The network of the catalogue.</summary>
    public static IReadOnlyList<ModelEntry> Entries { get; } =
    [
        new("enet", ModelTask.Semantic, "Paszke et al., ENet: A Deep Neural Network Architecture for Real-Time Semantic Segmentation", 2016, 11, 350_508,
            options => new ENet(options.InChannels, options.Outputs)) { Weights = ["safetensors", ".pth"] },
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<string> HeadPrefixes => ["transposed_conv."];

    /// <inheritdoc/>
    protected override Tensor Logits(Tensor images) => EvenSides.Run(images, Multiple, EvenLogits);

    private Tensor EvenLogits(Tensor images)
    {
        var current = stem.Forward(images);
        var switches = new Tensor[down.Length];
        for (var i = 0; i < down.Length; i++)
        {
            (current, switches[i]) = down[i].Apply(current);
            current = encoder[i].Consume(current);
        }

        current = encoder[^1].Consume(current);
        for (var i = 0; i < up.Length; i++)
            current = decoder[i].Consume(up[i].Apply(current, switches[^(i + 1)]));
        return head.Consume(current);
    }

    // The blocks are named at the network's level, as published; the chain only calls them.
    private Sequential Chain((string Name, ENetBottleneck Block)[] blocks)
    {
        foreach (var (name, block) in blocks)
            Child(name, block);
        return new Sequential(blocks.Select(b => b.Block));
    }

    /// <summary>Figure 2a: a convolution and a pooling of the image itself, side by side.</summary>
    private sealed class Stem : Layer
    {
        private readonly Conv2d convolution;
        private readonly MaxPool2d pool = new(3, stride: 2, padding: 1);
        private readonly BatchNorm2d norm;
        private readonly PReLU activation;

        public Stem(int inChannels)
        {
            convolution = Child("main_branch", new Conv2d(inChannels, StemChannels - inChannels, 3, stride: 2, padding: 1, hasBias: false));
            norm = Child("batch_norm", new BatchNorm2d(StemChannels));
            activation = Child("out_activation", new PReLU());
        }

        protected override Tensor Compute(Tensor input) =>
            activation.Consume(norm.Consume(Aten.Cat([convolution.Forward(input), pool.Forward(input)], 1)));
    }
}

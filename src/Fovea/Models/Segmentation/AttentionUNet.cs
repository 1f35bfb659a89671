using System.Globalization;
using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Models.Segmentation;

/// <summary>
/// Attention U-Net: Learning Where to Look for the Pancreas (Oktay et al., MIDL 2018) in two dimensions, as its most used PyTorch port
/// has it: U-Net with nearest enlargement and a gate on every skip at the skip's own resolution. <c>[N, C, H, W]</c> to
/// <c>[N, K, H, W]</c> of any size; sides that do not halve evenly four times are padded with zeros inside. Keys <c>Conv1</c> to
/// <c>Conv5</c>, <c>Up5</c>, <c>Att5</c>, <c>Up_conv5</c> and so on down to 2, <c>Conv_1x1</c>.
/// </summary>
public sealed class AttentionUNet : SingleOutputSegmenter
{
    private const int Levels = 5;
    private const int Width = 64;
    private const int Multiple = 1 << (Levels - 1);

    private readonly MaxPool2d pool = new(2);
    private readonly Layer[] down = new Layer[Levels];
    private readonly (Layer Enlarge, AttentionGate? Gate, Layer Join)[] up = new (Layer, AttentionGate?, Layer)[Levels - 1];
    private readonly Conv2d head;

    /// <summary>Creates the network.</summary>
    /// <param name="inChannels">Channels of the images, C.</param>
    /// <param name="classes">Number of classes, K, with the background.</param>
    /// <param name="hasGates">Whether skips are gated.</param>
    public AttentionUNet(int inChannels, int classes, bool hasGates = true)
    {
        for (var i = 0; i < Levels; i++)
            down[i] = Child(Name("Conv", i), Pair(i == 0 ? inChannels : Width << (i - 1), Width << i));
        for (var i = Levels - 2; i >= 0; i--)
        {
            var channels = Width << i;
            var enlarge = Child(Name("Up", i + 1), One("up", new Sequential(Upsample.By(2), new Conv2d(2 * channels, channels, 3, padding: 1), new BatchNorm2d(channels), new ReLU(inPlace: true))));
            var gate = hasGates ? Child(Name("Att", i + 1), new AttentionGate(channels)) : null;
            up[i] = (enlarge, gate, Child(Name("Up_conv", i + 1), Pair(2 * channels, channels)));
        }

        head = Child("Conv_1x1", new Conv2d(Width, classes, 1));
        ConvolutionInit.Rectified(this);
        Preprocessing = new Preprocessing { SizeMultiple = Multiple }.Adapt(inChannels);
    }

    /// <summary>The network of the catalogue.</summary>
    public static IReadOnlyList<ModelEntry> Entries { get; } =
    [
        new("attention_unet", ModelTask.Semantic, "Oktay et al., Attention U-Net: Learning Where to Look for the Pancreas", 2018, 1, 34_878_573,
            options => new AttentionUNet(options.InChannels, options.Outputs)) { Weights = ["safetensors", ".pth"] },
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<string> HeadPrefixes => ["Conv_1x1."];

    /// <inheritdoc/>
    protected override Tensor Logits(Tensor images) => EvenSides.Run(images, Multiple, EvenLogits);

    private static string Name(string part, int level) => string.Create(CultureInfo.InvariantCulture, $"{part}{level + 1}");

    private static Sequential One(string name, Layer layer) => new([KeyValuePair.Create(name, layer)]);

    private static Sequential Pair(int inChannels, int outChannels) => One("conv", new Sequential(
        new Conv2d(inChannels, outChannels, 3, padding: 1), new BatchNorm2d(outChannels), new ReLU(inPlace: true),
        new Conv2d(outChannels, outChannels, 3, padding: 1), new BatchNorm2d(outChannels), new ReLU(inPlace: true)));

    private Tensor EvenLogits(Tensor images)
    {
        var skips = new Tensor[Levels];
        for (var i = 0; i < Levels; i++)
            skips[i] = i == 0 ? down[i].Forward(images) : down[i].Consume(pool.Forward(skips[i - 1]));
        var current = skips[^1];
        for (var i = Levels - 2; i >= 0; i--)
        {
            var enlarged = up[i].Enlarge.Consume(current);
            var skip = up[i].Gate?.Apply(enlarged, skips[i]) ?? skips[i];
            current = up[i].Join.Consume(Aten.Cat([skip, enlarged], 1));
        }

        return head.Consume(current);
    }
}

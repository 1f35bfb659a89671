using System.Globalization;
using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Models.Segmentation;

/// <summary>What may differ in <see cref="FusionNet"/>.</summary>
public sealed record FusionNetOptions
{
    /// <summary>Whether the two ways are averaged where they meet, as the most used port does, instead of added as in the paper.</summary>
    public bool Averages { get; init; }
}

/// <summary>
/// FusionNet: A deep fully residual convolutional neural network for image segmentation in connectomics (Quan, Hildebrand, Jeong, 2016):
/// a U-shape whose long skips are sums instead of concatenations and whose levels each hold a residual block, so that everything is
/// residual. <c>[N, C, H, W]</c> to <c>[N, K, H, W]</c> of any size; sides that do not halve evenly four times are padded with zeros
/// inside. Keys <c>down_1</c> to <c>down_4</c>, <c>bridge</c>, <c>deconv_1</c>, <c>up_1</c> and on, <c>out</c>.
/// </summary>
public sealed class FusionNet : SingleOutputSegmenter
{
    private const int Levels = 4;
    private const int Width = 64;
    private const int Multiple = 1 << Levels;

    private readonly MaxPool2d pool = new(2);
    private readonly Block[] down = new Block[Levels];
    private readonly Block bridge;
    private readonly (Sequential Enlarge, Block Block)[] up = new (Sequential, Block)[Levels];
    private readonly Conv2d head;
    private readonly bool averages;

    /// <summary>Creates the network.</summary>
    /// <param name="inChannels">Channels of the images, C.</param>
    /// <param name="classes">Number of classes, K, with the background.</param>
    /// <param name="options">What differs from the paper; nothing when null.</param>
    public FusionNet(int inChannels, int classes, FusionNetOptions? options = null)
    {
        averages = options?.Averages ?? false;
        static Layer Leaky() => new LeakyReLU(0.2, inPlace: true);
        static Layer Plain() => new ReLU(inPlace: true);
        for (var i = 0; i < Levels; i++)
            down[i] = Child(Name("down", i), new Block(i == 0 ? inChannels : Width << (i - 1), Width << i, Leaky));
        bridge = Child("bridge", new Block(Width << (Levels - 1), Width << Levels, Leaky));
        for (var i = 0; i < Levels; i++)
        {
            var width = Width << (Levels - 1 - i);
            up[i] = (Child(Name("deconv", i), new Sequential(
                new ConvTranspose2d(2 * width, width, 3, stride: 2, padding: 1, outputPadding: 1), new BatchNorm2d(width), Plain())),
                Child(Name("up", i), new Block(width, width, Plain)));
        }

        head = Child("out", new Conv2d(Width, classes, 3, padding: 1));
        ConvolutionInit.Rectified(this);
        Preprocessing = new Preprocessing { SizeMultiple = Multiple }.Adapt(inChannels);
    }

    /// <summary>The network of the catalogue.</summary>
    public static IReadOnlyList<ModelEntry> Entries { get; } =
    [
        new("fusionnet", ModelTask.Semantic, "Quan et al., FusionNet: A deep fully residual convolutional neural network for image segmentation in connectomics", 2016, 2, 78_532_226,
            options => new FusionNet(options.InChannels, options.Outputs, options.Varied(new FusionNetOptions())))
        {
            DefaultInChannels = 1, Weights = ["safetensors"], Variation = new FusionNetOptions(),
        },
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<string> HeadPrefixes => ["out."];

    /// <inheritdoc/>
    protected override Tensor Logits(Tensor images) => EvenSides.Run(images, Multiple, EvenLogits);

    private static string Name(string part, int index) => string.Create(CultureInfo.InvariantCulture, $"{part}_{index + 1}");

    private Tensor EvenLogits(Tensor images)
    {
        var skips = new Tensor[Levels];
        var current = images;
        for (var i = 0; i < Levels; i++)
        {
            skips[i] = down[i].Forward(current);
            current = pool.Forward(skips[i]);
        }

        current = bridge.Consume(current);
        for (var i = 0; i < Levels; i++)
        {
            var sum = up[i].Enlarge.Consume(current).Add(skips[Levels - 1 - i]);
            current = up[i].Block.Consume(averages ? sum.Mul(0.5) : sum);
        }

        return head.Consume(current);
    }

    /// <summary>Figure 3: a convolution, three more whose result is added to its own, a convolution.</summary>
    private sealed class Block : Layer
    {
        private readonly Sequential first;
        private readonly Sequential residual;
        private readonly Sequential last;

        public Block(int inChannels, int outChannels, Func<Layer> activation)
        {
            first = Child("conv_1", Unit(inChannels, outChannels, activation));
            residual = Child("conv_2", new Sequential(
                Unit(outChannels, outChannels, activation), Unit(outChannels, outChannels, activation), new Conv2d(outChannels, outChannels, 3, padding: 1), new BatchNorm2d(outChannels)));
            last = Child("conv_3", Unit(outChannels, outChannels, activation));
        }

        protected override Tensor Compute(Tensor input)
        {
            var start = first.Forward(input);
            return last.Consume(residual.Forward(start).Add(start));
        }

        private static Sequential Unit(int inChannels, int outChannels, Func<Layer> activation) => new(
            new Conv2d(inChannels, outChannels, 3, padding: 1), new BatchNorm2d(outChannels), activation());
    }
}

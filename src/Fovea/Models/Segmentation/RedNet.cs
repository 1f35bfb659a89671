using System.Globalization;
using Fovea.Models.Backbones;
using Fovea.Torch;
using Fovea.Torch.Nn;
using Fovea.Torch.Serialization;

namespace Fovea.Models.Segmentation;

/// <summary>
/// RedNet: Residual Encoder-Decoder Network for indoor RGB-D Semantic Segmentation (Jiang, Zheng, Luo, Zhang, 2018): one ResNet-50 for
/// colour and one for depth, whose maps are added into the colour's at every stage, and a way up of residual blocks whose every
/// level is trained with a head of its own. <c>[N, C, H, W]</c>, the depth in the last channel, to <c>[N, K, H, W]</c> of any size; sides
/// that do not halve evenly five times are padded with zeros inside. The loss of every level is divided by its labelled pixels; with weights of
/// classes the authors do so too, which is <see cref="Losses.LossReduction.PixelMean"/>. Keys of the authors' code: <c>conv1</c>, <c>layer1</c>, the same with
/// <c>_d</c>, <c>agant0</c> to <c>agant4</c>, <c>deconv1</c> to <c>deconv4</c>, <c>final_conv</c>, <c>final_deconv</c>, <c>out2_conv</c> to <c>out5_conv</c>.
/// </summary>
public sealed class RedNet : Segmenter
{
    private const int Multiple = 32;
    private const int StemWidth = 64;
    private const string DepthEnd = "_d";

    private static readonly int[] Widths = [64, 128, 256, 512];
    private static readonly int[] BlocksUp = [6, 4, 3, 3];

    private readonly int colours;
    private readonly MaxPool2d pool = new(3, stride: 2, padding: 1);
    private readonly Trunk colour;
    private readonly Trunk depth;
    // Finest first; the first stands behind the stem.
    private readonly Sequential[] agents = new Sequential[5];
    // Coarsest first, as the heads.
    private readonly Sequential[] up = new Sequential[4];
    private readonly Conv2d[] sideHeads = new Conv2d[4];
    private readonly Sequential last;
    private readonly ConvTranspose2d head;

    /// <summary>Creates the network.</summary>
    /// <param name="inChannels">Channels of the images, C: those of colour and then one of depth.</param>
    /// <param name="classes">Number of classes, K.</param>
    /// <exception cref="FoveaException">There is no channel besides the depth.</exception>
    public RedNet(int inChannels, int classes)
    {
        if (inChannels < 2)
            throw new FoveaException($"RedNet: found images of {inChannels} channel, expected colour and then depth, such as 4");
        colours = inChannels - 1;
        colour = Child("", new Trunk(colours, ""));
        depth = Child("", new Trunk(1, DepthEnd));
        for (var i = 0; i < agents.Length; i++)
        {
            var (given, width) = i == 0 ? (StemWidth, StemWidth) : (Widths[i - 1] * ResNetBottleneck.Expansion, Widths[i - 1]);
            agents[i] = Child(Name("agant", i), new Sequential(new Conv2d(given, width, 1, hasBias: false), new BatchNorm2d(width), new ReLU(inPlace: true)));
        }

        for (var i = 0; i < up.Length; i++)
        {
            var width = i < up.Length - 1 ? Widths[^(i + 2)] : StemWidth;
            up[i] = Child(Name("deconv", i + 1), Residual(Widths[^(i + 1)], width, BlocksUp[i], isDoubling: true));
            sideHeads[i] = Child(Name("out", 5 - i, "_conv"), new Conv2d(width, classes, 1));
        }

        last = Child("final_conv", Residual(StemWidth, StemWidth, BlocksUp[^1], isDoubling: false));
        head = Child("final_deconv", new ConvTranspose2d(StemWidth, classes, 2, stride: 2));
        foreach (var (_, module) in NamedModules())
        {
            if (module is Conv2d convolution)
                Init.KaimingNormal(convolution.Weight, fanOut: true);
        }

        Preprocessing = new Preprocessing { SizeMultiple = Multiple }.Adapt(inChannels);
    }

    /// <summary>The network of the catalogue.</summary>
    public static IReadOnlyList<ModelEntry> Entries { get; } =
    [
        new("rednet", ModelTask.Semantic, "Jiang et al., RedNet: Residual Encoder-Decoder Network for indoor RGB-D Semantic Segmentation", 2018, 37, 81_970_233,
            options => new RedNet(options.InChannels, options.Outputs)) { DefaultInChannels = 4, Weights = ["safetensors", ".pth"], StartsFrom = [StartingPoint.FromResNet(50, "") with { Twin = ForDepth }] },
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<string> HeadPrefixes => ["final_deconv.", .. sideHeads.Select((_, i) => Name("out", 5 - i, "_conv."))];

    /// <summary>The bare network: <c>out</c> of the images' size, and <c>out5</c> to <c>out2</c>, the scores of the levels at a 16th to a half of the padded images' resolution.</summary>
    /// <param name="images"><c>[N, C, H, W]</c>, the depth in the last channel.</param>
    /// <exception cref="FoveaException">The images have other channels.</exception>
    public override IReadOnlyList<KeyValuePair<string, Tensor>> Forward(Tensor images)
    {
        using var scope = new TensorScope();
        var sides = new List<Tensor>();
        var outputs = new List<KeyValuePair<string, Tensor>> { KeyValuePair.Create("out", Scores(images, sides)) };
        for (var i = 0; i < sides.Count; i++)
            outputs.Add(KeyValuePair.Create(Name("out", 5 - i), sides[i]));
        foreach (var (_, scores) in outputs)
            scope.Keep(scores);
        return outputs;
    }

    /// <inheritdoc/>
    protected override Tensor BatchLogits(Batch batch)
    {
        using var scope = new TensorScope();
        return scope.Keep(Scores(batch.Images, null));
    }

    /// <inheritdoc/>
    protected override IEnumerable<TrainedScores> TrainingScores(Batch batch) =>
        Forward(batch.Images).Select(static (output, i) => new TrainedScores(i == 0 ? Main : output.Key, 1, output.Value, i == 0 ? 1 : 32 >> i));

    private static string Name(string part, int number, string end = "") => string.Create(CultureInfo.InvariantCulture, $"{part}{number}{end}");

    // All blocks but the last keep width and size.
    private static Sequential Residual(int inChannels, int outChannels, int blocks, bool isDoubling) =>
        new(Enumerable.Range(1, blocks).Select(i => new UpBlock(inChannels, i < blocks ? inChannels : outChannels, isDoubling && i == blocks)));

    // The trunk of the depth starts as that of colour does, with the mean of its kernels over the colours.
    private static KeyValuePair<string, TensorData>? ForDepth(string name, TensorData data)
    {
        if (name.StartsWith("fc.", StringComparison.Ordinal))
            return null;
        var dot = name.IndexOf('.', StringComparison.Ordinal);
        return KeyValuePair.Create(name[..dot] + DepthEnd + name[dot..], name == "conv1.weight" ? FirstConvolution.Mean(data) : data);
    }

    private Tensor Scores(Tensor images, List<Tensor>? sides)
    {
        if (images.Rank != 4 || images.Shape[1] != colours + 1)
            throw new FoveaException($"RedNet: found images {images.Shape}, expected [N, {colours + 1}, H, W], the last channel depth");
        var maps = Encode(EvenSides.Pad(images, Multiple));
        var current = agents[^1].Forward(maps[^1]);
        for (var i = 0; i < up.Length; i++)
        {
            current = up[i].Consume(current);
            sides?.Add(sideHeads[i].Forward(current));
            current = current.Add(agents[^(i + 2)].Forward(maps[^(i + 2)]));
        }

        return EvenSides.Cut(head.Consume(last.Consume(current)), images);
    }

    private Tensor[] Encode(Tensor images)
    {
        var maps = new Tensor[Widths.Length + 1];
        var below = depth.Start(images.Narrow(1, colours, 1));
        maps[0] = colour.Start(images.Narrow(1, 0, colours)).Add(below);
        var current = pool.Forward(maps[0]);
        below = pool.Consume(below);
        for (var i = 0; i < Widths.Length; i++)
        {
            below = depth.Stages[i].Consume(below);
            current = maps[i + 1] = colour.Stages[i].Forward(current).Add(below);
        }

        return maps;
    }

    /// <summary>ResNet-50 under names with an end of their own.</summary>
    private sealed class Trunk : Module
    {
        private static readonly int[] Blocks = [3, 4, 6, 3];

        private readonly ConvolutionNorm stem;
        private readonly ReLU relu = new(inPlace: true);

        public Trunk(int inChannels, string end)
        {
            stem = Pair(Child("conv1" + end, new Conv2d(inChannels, StemWidth, 7, stride: 2, padding: 3, hasBias: false)), Child("bn1" + end, new BatchNorm2d(StemWidth)));
            var (channels, options) = (StemWidth, new ResNetOptions());
            for (var i = 0; i < Blocks.Length; i++)
            {
                Stages[i] = Child(Name("layer", i + 1, end), new Sequential());
                for (var block = 0; block < Blocks[i]; block++)
                {
                    Stages[i].Add(new ResNetBottleneck(channels, Widths[i], i > 0 && block == 0 ? 2 : 1, 1, options));
                    channels = Widths[i] * ResNetBottleneck.Expansion;
                }
            }
        }

        public Sequential[] Stages { get; } = new Sequential[Blocks.Length];

        public Tensor Start(Tensor images) => relu.Consume(stem.Forward(images));
    }

    /// <summary>Figure 4: the basic block of ResNet, its second convolution and its shortcut transposed where the size doubles.</summary>
    private sealed class UpBlock : Layer
    {
        private readonly ConvolutionNorm first;
        private readonly Sequential second;
        private readonly Sequential? shortcut;
        private readonly ReLU relu = new(inPlace: true);

        public UpBlock(int inChannels, int outChannels, bool isDoubling)
        {
            first = Pair(Child("conv1", new Conv2d(inChannels, inChannels, 3, padding: 1, hasBias: false)), Child("bn1", new BatchNorm2d(inChannels)));
            second = Child("", new Sequential([
                KeyValuePair.Create<string, Layer>("conv2", isDoubling
                    ? new ConvTranspose2d(inChannels, outChannels, 3, stride: 2, padding: 1, outputPadding: 1, hasBias: false)
                    : new Conv2d(inChannels, outChannels, 3, padding: 1, hasBias: false)),
                KeyValuePair.Create<string, Layer>("bn2", new BatchNorm2d(outChannels))]));
            if (isDoubling)
                shortcut = Child("upsample", new Sequential(new ConvTranspose2d(inChannels, outChannels, 2, stride: 2, hasBias: false), new BatchNorm2d(outChannels)));
        }

        protected override Tensor Compute(Tensor input)
        {
            var main = second.Consume(relu.Consume(first.Forward(input)));
            return relu.Consume(main.Add(shortcut?.Forward(input) ?? input));
        }
    }
}

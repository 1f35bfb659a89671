using System.Globalization;
using Fovea.Torch;
using Fovea.Torch.Nn;
using Fovea.Torch.Serialization;

namespace Fovea.Models.Segmentation;

/// <summary>
/// TernausNet: U-Net with VGG11 Encoder Pre-Trained on ImageNet for Image Segmentation (Iglovikov, Shvets, 2018), and its sequel on
/// VGG-16: a U-Net whose way down is a classifier, so that a few hundred images are enough. <c>[N, C, H, W]</c> to <c>[N, K, H, W]</c>
/// of any size; sides that do not halve evenly five times are padded with zeros inside. Keys <c>encoder</c>, <c>center</c>, <c>dec5</c> to
/// <c>dec1</c>, <c>final</c>; the published files' second names of the encoder's convolutions (<c>conv1</c>, <c>conv3s</c> ...) load too.
/// </summary>
public sealed class TernausNet : SingleOutputSegmenter, IRenamedWeights
{
    private const int Multiple = 32;

    private static readonly int[] Widths = [64, 128, 256, 512, 512];
    private static readonly int[] InnerWidths = [128, 256, 512, 512];

    private readonly Encoder encoder;
    private readonly Dictionary<string, string> aliases;
    private readonly Layer centre;
    private readonly Layer[] decoder = new Layer[5];
    private readonly Conv2d head;

    /// <summary>Creates the network.</summary>
    /// <param name="depth">Of VGG: 11 or 16.</param>
    /// <param name="inChannels">Channels of the images, C.</param>
    /// <param name="classes">Number of classes, K.</param>
    /// <param name="upsampling">How the way up doubles the resolution: transposed convolutions, on VGG-16 also bilinear.</param>
    /// <exception cref="FoveaException">No such network was published.</exception>
    public TernausNet(int depth, int inChannels, int classes, UpsamplingKind upsampling = UpsamplingKind.Transposed)
    {
        if ((depth, upsampling) is not ((11, UpsamplingKind.Transposed) or (16, UpsamplingKind.Transposed or UpsamplingKind.Bilinear)))
            throw new FoveaException($"TernausNet: found VGG-{depth} and {upsampling} enlargement, expected VGG-11 with transposed convolutions, or VGG-16 with these or bilinear enlargement");
        encoder = Child("encoder", new Encoder(inChannels, depth == 11 ? [1, 1, 2, 2, 2] : [2, 2, 3, 3, 3]));
        aliases = encoder.Aliases(depth == 11);
        int[] outer = [32, 64, depth == 11 ? 128 : 256, 256];
        Layer Block(int channels, int inner, int outChannels) => One("block", upsampling == UpsamplingKind.Bilinear
            ? new Sequential(Upsample.By(2, UpsampleMode.Linear), Rectified(channels, inner), Rectified(inner, outChannels))
            : new Sequential(Rectified(channels, inner), Transposed(inner, outChannels, isWide: depth == 16), new ReLU(inPlace: true)));
        centre = Child("center", Block(Widths[^1], InnerWidths[^1], outer[^1]));
        var current = outer[^1];
        for (var i = decoder.Length - 1; i > 0; i--)
        {
            decoder[i] = Child(Name(i), Block(current + Widths[i], InnerWidths[i - 1], outer[i - 1]));
            current = outer[i - 1];
        }

        decoder[0] = Child(Name(0), Rectified(current + Widths[0], current));
        head = Child("final", new Conv2d(current, classes, 1));
        Preprocessing = new Preprocessing { SizeMultiple = Multiple }.Adapt(inChannels);
    }

    /// <summary>The published networks.</summary>
    public static IReadOnlyList<ModelEntry> Entries { get; } =
    [
        Entry("ternausnet_vgg11", 11, UpsamplingKind.Transposed, 22_927_393), Entry("ternausnet_vgg16", 16, UpsamplingKind.Bilinear, 29_306_465),
        Entry("ternausnet_vgg16_deconv", 16, UpsamplingKind.Transposed, 32_202_337),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<string> HeadPrefixes => ["final."];

    /// <inheritdoc/>
    public string? CurrentName(string name)
    {
        var dot = name.LastIndexOf('.');
        return dot > 0 && aliases.TryGetValue(name[..dot], out var current) ? current + name[dot..] : name;
    }

    /// <inheritdoc/>
    protected override Tensor Logits(Tensor images) => EvenSides.Run(images, Multiple, EvenLogits);

    private static string Name(int level) => string.Create(CultureInfo.InvariantCulture, $"dec{level + 1}");

    private static Sequential One(string name, Layer layer) => new([KeyValuePair.Create(name, layer)]);

    private static Sequential Rectified(int inChannels, int outChannels) => new(
        [KeyValuePair.Create<string, Layer>("conv", new Conv2d(inChannels, outChannels, 3, padding: 1)), KeyValuePair.Create<string, Layer>("activation", new ReLU(inPlace: true))]);

    private static ConvTranspose2d Transposed(int inChannels, int outChannels, bool isWide) => isWide
        ? new ConvTranspose2d(inChannels, outChannels, 4, stride: 2, padding: 1)
        : new ConvTranspose2d(inChannels, outChannels, 3, stride: 2, padding: 1, outputPadding: 1);

    private static ModelEntry Entry(string name, int depth, UpsamplingKind upsampling, long parameters) => new(
        name, ModelTask.Semantic, "Iglovikov and Shvets, TernausNet: U-Net with VGG11 Encoder Pre-Trained on ImageNet", 2018, 1, parameters,
        options => new TernausNet(depth, options.InChannels, options.Outputs, upsampling)) { Weights = ["safetensors", ".pth"], StartsFrom = [StartingPoint.FromClassifier(FormattableString.Invariant($"vgg{depth}"), "classifier.6.", "features.", "encoder.")] };

    private Tensor EvenLogits(Tensor images)
    {
        var (skips, deepest) = encoder.Forward(images);
        var current = centre.Consume(deepest);
        for (var i = decoder.Length - 1; i >= 0; i--)
            current = decoder[i].Consume(Aten.Cat([current, skips[i]], 1));
        return head.Consume(current);
    }

    /// <summary>VGG's convolutions under torchvision's numbers; gives the map before each pooling and that behind the last.</summary>
    private sealed class Encoder : Module
    {
        private readonly MaxPool2d pool = new(2);
        private readonly ReLU relu = new(inPlace: true);
        private readonly List<(int Number, Conv2d Layer)[]> stages = [];

        public Encoder(int inChannels, int[] convolutions)
        {
            var (number, channels) = (0, inChannels);
            for (var stage = 0; stage < convolutions.Length; stage++)
            {
                var layers = new (int, Conv2d)[convolutions[stage]];
                for (var i = 0; i < layers.Length; i++)
                {
                    layers[i] = (number, Child($"{number}", new Conv2d(channels, Widths[stage], 3, padding: 1)));
                    (number, channels) = (number + 2, Widths[stage]);
                    Init.KaimingNormal(layers[i].Item2.Weight, fanOut: true);
                    Init.Constant(layers[i].Item2.Bias!, 0);
                }

                stages.Add(layers);
                number++;
            }
        }

        // On VGG-11 the convolutions themselves have names, the first of two with an s behind; on VGG-16 the stages do.
        public Dictionary<string, string> Aliases(bool isByLayer)
        {
            var names = new Dictionary<string, string>(StringComparer.Ordinal);
            for (var stage = 0; stage < stages.Count; stage++)
            {
                for (var i = 0; i < stages[stage].Length; i++)
                {
                    var alias = isByLayer ? $"conv{stage + 1}{(i < stages[stage].Length - 1 ? "s" : "")}" : $"conv{stage + 1}.{2 * i}";
                    names.Add(alias, $"encoder.{stages[stage][i].Number}");
                }
            }

            return names;
        }

        public (Tensor[] Skips, Tensor Deepest) Forward(Tensor images)
        {
            using var scope = new TensorScope();
            var skips = new Tensor[stages.Count];
            var current = images;
            for (var stage = 0; stage < skips.Length; stage++)
            {
                foreach (var (_, layer) in stages[stage])
                    current = relu.Consume(layer.Forward(current));
                skips[stage] = scope.Keep(current);
                current = pool.Forward(current);
            }

            return (skips, scope.Keep(current));
        }
    }
}

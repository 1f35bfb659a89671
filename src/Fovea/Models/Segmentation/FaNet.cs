using Fovea.Models.Backbones;
using Fovea.Torch;
using Fovea.Torch.Nn;
using Fovea.Torch.Serialization;

namespace Fovea.Models.Segmentation;

/// <summary>
/// Real-time Semantic Segmentation with Fast Attention (Hu, Perazzi, Heilbron, Wang, Lin, Saenko, Sclaroff, RA-L 2020): attention
/// without softmax, whose products can be taken in the cheap order, so that every pixel sees every other at the price of a
/// convolution; the stages of the ResNet are all at half the usual resolution. <c>[N, C, H, W]</c> to <c>[N, K, H, W]</c> of any
/// size. Keys of the authors' code for testing (<c>resnet</c>, <c>fam_32</c> to <c>fam_4</c>, <c>clslayer</c>); those of their code for
/// training (<c>ffm_32</c>, <c>clslayer_8</c>) load too.
/// </summary>
public sealed class FaNet : Segmenter, IRenamedWeights
{
    private const int Width = 128;
    private const double AuxiliaryWeight = 0.5;

    private readonly Backbone backbone;
    private readonly FastAttention[] levels;
    private readonly Sequential head;
    private readonly Sequential? head32;
    private readonly Sequential? head16;

    /// <summary>Creates the network.</summary>
    /// <param name="backbone">The backbone, of four stages.</param>
    /// <param name="classes">Number of classes, K.</param>
    /// <param name="hasAuxiliary">Whether there are heads on the two coarsest maps, which help training and take no part in predictions.</param>
    public FaNet(Backbone backbone, int classes, bool hasAuxiliary = true)
    {
        this.backbone = Child("resnet", backbone);
        levels = new FastAttention[4];
        for (var i = 3; i >= 0; i--)
            levels[i] = Child($"fam_{4 << i}", new FastAttention(backbone.Features[i].Channels));
        head = Child("clslayer", Head(2 * Width, 2 * Width, classes));
        if (hasAuxiliary)
        {
            head32 = Child("clslayer_32", Head(Width, Width / 2, classes));
            head16 = Child("clslayer_16", Head(Width, Width / 2, classes));
        }

        Preprocessing = new Preprocessing().Adapt(backbone.InChannels);
    }

    /// <summary>The published depths.</summary>
    public static IReadOnlyList<ModelEntry> Entries { get; } = [Entry(18, 13_970_176), Entry(34, 24_078_336)];

    /// <inheritdoc/>
    public override IReadOnlyList<string> HeadPrefixes => head32 is null ? ["clslayer.conv_out."] : ["clslayer.conv_out.", "clslayer_32.conv_out.", "clslayer_16.conv_out."];

    /// <summary>The network of a depth, whose first stage steps like the others and whose norms are followed by leaky ReLUs.</summary>
    /// <param name="depth">18 or 34 in the paper; 50, 101 and 152 too.</param>
    /// <param name="inChannels">Channels of the images, C.</param>
    /// <param name="classes">Number of classes, K.</param>
    /// <param name="hasAuxiliary">Whether there are heads that only help training.</param>
    public static FaNet OfDepth(int depth, int inChannels, int classes, bool hasAuxiliary = true) => new(
        ResNet.OfDepth(depth, new ResNetOptions { InChannels = inChannels, StepsInFirstStage = true, Activation = ActivationKind.LeakyRelu, SumActivation = ActivationKind.Relu }),
        classes, hasAuxiliary);

    /// <inheritdoc/>
    public override IReadOnlyList<KeyValuePair<string, Tensor>> Forward(Tensor images)
    {
        using var scope = new TensorScope();
        var (scores, coarse, coarsest) = Run(images);
        var outputs = new List<KeyValuePair<string, Tensor>> { KeyValuePair.Create("out", scope.Keep(scores)) };
        if (head32 is null || head16 is null)
            return outputs;
        outputs.Add(KeyValuePair.Create("aux32", scope.Keep(Enlarge(head32.Consume(coarsest), images))));
        outputs.Add(KeyValuePair.Create("aux16", scope.Keep(Enlarge(head16.Consume(coarse), images))));
        return outputs;
    }

    /// <inheritdoc/>
    public string? CurrentName(string name)
    {
        if (name.StartsWith("ffm_", StringComparison.Ordinal))
            return "fam_" + name[4..];
        return name.StartsWith("clslayer_8.", StringComparison.Ordinal) ? "clslayer." + name["clslayer_8.".Length..] : name;
    }

    /// <inheritdoc/>
    protected override Tensor BatchLogits(Batch batch)
    {
        using var scope = new TensorScope();
        return scope.Keep(Run(batch.Images).Scores);
    }

    /// <inheritdoc/>
    protected override IEnumerable<TrainedScores> TrainingScores(Batch batch) =>
        Forward(batch.Images).Select(static output => new TrainedScores(output.Key == "out" ? Main : output.Key, output.Key == "out" ? 1 : AuxiliaryWeight, output.Value));

    private static Sequential Head(int inChannels, int width, int classes)
    {
        var last = new Conv2d(width, classes, 1, hasBias: false);
        Init.KaimingNormal(last.Weight, a: 1);
        return new Sequential([
            KeyValuePair.Create<string, Layer>("conv", Unit(inChannels, width, 3)), KeyValuePair.Create<string, Layer>("conv_out", last)]);
    }

    private static ModelEntry Entry(int depth, long parameters) => new(
        $"fanet_resnet{depth}", ModelTask.Semantic, "Hu et al., Real-time Semantic Segmentation with Fast Attention", 2020, 19, parameters,
        options => OfDepth(depth, options.InChannels, options.Outputs)) { Weights = ["safetensors", ".pth"], StartsFrom = [StartingPoint.FromResNet(depth, "resnet.")] };

    private static NormedUnit Unit(int inChannels, int outChannels, int kernelSize, int? padding = null) =>
        new(inChannels, outChannels, kernelSize, padding: padding, activation: new LeakyReLU(0.01, inPlace: true));

    private static Tensor Enlarge(Tensor map, Tensor target) => map.UpsampleBilinear2d([target.Shape[2], target.Shape[3]], true);

    // Figure 2: from the coarsest map to the finest. The one before the finest is only passed on.
    private (Tensor Scores, Tensor Coarse, Tensor Coarsest) Run(Tensor images)
    {
        var maps = backbone.Forward(images, 0, 1, 2, 3);
        var coarsest = levels[3].Attend(maps[3], null);
        var coarse = levels[2].Attend(maps[2], levels[3].Raise(coarsest));
        var fine = levels[1].Attend(maps[1], levels[2].Raise(coarse));
        var finest = levels[0].Attend(maps[0], levels[1].Raise(fine));
        var (smoothCoarse, smoothFinest) = (levels[2].Smooth(coarse), levels[0].Smooth(finest));
        var scores = head.Consume(Aten.Cat([Enlarge(smoothCoarse, smoothFinest), smoothFinest], 1));
        return (Enlarge(scores, images), smoothCoarse, head32 is null ? coarsest : levels[3].Smooth(coarsest));
    }

    /// <summary>Section 3.1: queries and keys of length one, multiplied with the values in the order that is linear in the pixels.</summary>
    private sealed class FastAttention : SingleOutputModule
    {
        private const int Keys = 32;

        private readonly NormedUnit queries;
        private readonly NormedUnit keys;
        private readonly NormedUnit values;
        private readonly NormedUnit lateral;
        private readonly NormedUnit up;
        private readonly NormedUnit smooth;

        public FastAttention(int channels)
        {
            queries = Child("w_qs", new NormedUnit(channels, Keys, 1));
            keys = Child("w_ks", new NormedUnit(channels, Keys, 1));
            values = Child("w_vs", Unit(channels, channels, 1));
            lateral = Child("latlayer3", Unit(channels, channels, 1));
            // As in the released code: a border that makes the map two cells larger.
            up = Child("up", Unit(channels, channels / 2, 1, padding: 1));
            smooth = Child("smooth", Unit(channels, Width, 3));
        }

        /// <summary>A map of a stage that has seen all of itself and of the coarser maps.</summary>
        public Tensor Attend(Tensor map, Tensor? coarser) => Observed(map, _ =>
        {
            var shape = map.Shape;
            var (query, key) = (Directions(queries.Forward(map)), Directions(keys.Forward(map)));
            var value = values.Forward(map).Flatten(2);
            var memory = value.Bmm(key.Transpose(1, 2));
            var attended = lateral.Consume(memory.Bmm(query).View([shape[0], shape[1], shape[2], shape[3]])).Add(map);
            return coarser is null ? attended : attended.Add(Enlarge(coarser, attended));
        });

        /// <summary>A map for the finer level.</summary>
        public Tensor Raise(Tensor map) => up.Forward(map);

        /// <summary>A map for the heads.</summary>
        public Tensor Smooth(Tensor map) => smooth.Forward(map);

        private static Tensor Directions(Tensor map)
        {
            var flat = map.Flatten(2);
            return flat.Div(flat.LinalgVectorNorm(2, [1], true).ClampMin(1e-12));
        }
    }
}

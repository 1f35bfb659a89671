using Fovea.Models.Backbones;
using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Models.Segmentation;

/// <summary>
/// BiSeNet: Bilateral Segmentation Network for Real-time Semantic Segmentation (Yu, Wang, Peng, Gao, Yu, Sang, ECCV 2018): a shallow
/// wide path keeps detail at an eighth of the resolution, a fast deep one sees the whole image, so that neither has to do both.
/// <c>[N, C, H, W]</c> to <c>[N, K, H, W]</c> of any size; training takes two pictures or more. Keys are those of the most used
/// PyTorch port: <c>cp</c>, <c>sp</c>, <c>ffm</c>, <c>conv_out</c>, <c>conv_out16</c>, <c>conv_out32</c>.
/// </summary>
public sealed class BiSeNet : Segmenter
{
    private readonly ContextPath context;
    private readonly Sequential spatial;
    private readonly FeatureFusion fusion;
    private readonly Sequential head;
    private readonly Sequential? head16;
    private readonly Sequential? head32;

    /// <summary>Creates the network.</summary>
    /// <param name="backbone">The backbone of the context path; its maps at strides 16 and 32 are used.</param>
    /// <param name="classes">Number of classes, K.</param>
    /// <param name="hasAuxiliary">Whether there are heads on the two maps of the context path, which help training and take no part in predictions.</param>
    public BiSeNet(Backbone backbone, int classes, bool hasAuxiliary = true)
    {
        context = Child("cp", new ContextPath(backbone));
        spatial = Child("sp", new Sequential([
            Named("conv1", Unit(backbone.InChannels, 64, 7, 2)), Named("conv2", Unit(64, 64, 3, 2)), Named("conv3", Unit(64, 64, 3, 2)),
            Named("conv_out", Unit(64, ContextPath.Width, 1))]));
        fusion = Child("ffm", new FeatureFusion(2 * ContextPath.Width));
        head = Child("conv_out", Head(2 * ContextPath.Width, 256, classes));
        if (hasAuxiliary)
        {
            head16 = Child("conv_out16", Head(ContextPath.Width, 64, classes));
            head32 = Child("conv_out32", Head(ContextPath.Width, 64, classes));
        }

        // Of the Cityscapes training images, which the published weights were trained with.
        Preprocessing = new Preprocessing { Mean = [0.3257f, 0.3690f, 0.3223f], Std = [0.2112f, 0.2148f, 0.2115f] }.Adapt(backbone.InChannels);
    }

    /// <summary>The network of the catalogue.</summary>
    public static IReadOnlyList<ModelEntry> Entries { get; } =
    [
        new("bisenet_resnet18", ModelTask.Semantic, "Yu et al., BiSeNet: Bilateral Segmentation Network for Real-time Semantic Segmentation", 2018, 19, 13_425_721,
            options => new BiSeNet(ResNet.OfDepth(18, new ResNetOptions { InChannels = options.InChannels }), options.Outputs)) { Weights = ["safetensors", ".pth"], StartsFrom = [StartingPoint.FromResNet(18, "cp.resnet.")] },
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<string> HeadPrefixes => head16 is null ? ["conv_out.conv_out."] : ["conv_out.conv_out.", "conv_out16.conv_out.", "conv_out32.conv_out."];

    /// <inheritdoc/>
    public override IReadOnlyList<KeyValuePair<string, Tensor>> Forward(Tensor images)
    {
        using var scope = new TensorScope();
        var (fine, coarse) = context.Forward(images);
        var outputs = new List<KeyValuePair<string, Tensor>> { KeyValuePair.Create("out", Scores(images, fine)) };
        if (head16 is not null && head32 is not null)
        {
            outputs.Add(KeyValuePair.Create("out16", Enlarge(head16.Consume(fine), images)));
            outputs.Add(KeyValuePair.Create("out32", Enlarge(head32.Consume(coarse), images)));
        }

        foreach (var (_, scores) in outputs)
            scope.Keep(scores);
        return outputs;
    }

    /// <inheritdoc/>
    protected override Tensor BatchLogits(Batch batch)
    {
        using var scope = new TensorScope();
        return scope.Keep(Scores(batch.Images, context.Forward(batch.Images).Fine));
    }

    /// <inheritdoc/>
    protected override IEnumerable<TrainedScores> TrainingScores(Batch batch) =>
        Forward(batch.Images).Select(static output => new TrainedScores(output.Key == "out" ? Main : output.Key, 1, output.Value));

    private static NormedUnit Unit(int inChannels, int outChannels, int kernelSize, int stride = 1) => new(inChannels, outChannels, kernelSize, stride, activation: new ReLU(inPlace: true));

    private static KeyValuePair<string, Layer> Named(string name, Layer layer) => KeyValuePair.Create(name, layer);

    private static Conv2d Projection(int channels)
    {
        var convolution = new Conv2d(channels, channels, 1, hasBias: false);
        Init.KaimingNormal(convolution.Weight, a: 1);
        return convolution;
    }

    private static Sequential Head(int inChannels, int width, int classes)
    {
        var last = new Conv2d(width, classes, 1);
        Init.KaimingNormal(last.Weight, a: 1);
        Init.Constant(last.Bias!, 0);
        return new Sequential([Named("conv", Unit(inChannels, width, 3)), Named("conv_out", last)]);
    }

    private static Tensor Enlarge(Tensor scores, Tensor images) => scores.UpsampleBilinear2d([images.Shape[2], images.Shape[3]], false);

    private Tensor Scores(Tensor images, Tensor fine) => Enlarge(head.Consume(fusion.Apply(spatial.Forward(images), fine)), images);

    /// <summary>Figure 2a: the backbone, weighted maps of its two last stages and the mean over the image, brought to an eighth of the resolution.</summary>
    private sealed class ContextPath : Module
    {
        /// <summary>Channels of its maps.</summary>
        public const int Width = 128;

        private readonly Backbone backbone;
        private readonly AttentionRefinement refine16;
        private readonly AttentionRefinement refine32;
        private readonly NormedUnit head32;
        private readonly NormedUnit head16;
        private readonly NormedUnit average;
        private readonly int stages;

        public ContextPath(Backbone backbone)
        {
            this.backbone = Child("resnet", backbone);
            stages = backbone.Features.Count;
            refine16 = Child("arm16", new AttentionRefinement(backbone.Features[^2].Channels));
            refine32 = Child("arm32", new AttentionRefinement(backbone.Features[^1].Channels));
            head32 = Child("conv_head32", Unit(Width, Width, 3));
            head16 = Child("conv_head16", Unit(Width, Width, 3));
            average = Child("conv_avg", Unit(backbone.Features[^1].Channels, Width, 1));
        }

        /// <summary>Maps at strides 8 and 16.</summary>
        public (Tensor Fine, Tensor Coarse) Forward(Tensor images)
        {
            using var scope = new TensorScope();
            var maps = backbone.Forward(images, stages - 3, stages - 2, stages - 1);
            var tail = average.Consume(maps[2].Mean([2, 3], true));
            var coarse = head32.Consume(Enlarged(refine32.Forward(maps[2]).Add(tail), maps[1]));
            var fine = head16.Consume(Enlarged(refine16.Forward(maps[1]).Add(coarse), maps[0]));
            return (scope.Keep(fine), scope.Keep(coarse));
        }

        private static Tensor Enlarged(Tensor map, Tensor target) => map.UpsampleNearest2d([target.Shape[2], target.Shape[3]]);
    }

    /// <summary>Figure 2b: the mean over the image says how much of each channel is let through.</summary>
    private sealed class AttentionRefinement : Layer
    {
        private readonly NormedUnit unit;
        private readonly ConvolutionNorm attention;

        public AttentionRefinement(int inChannels)
        {
            unit = Child("conv", Unit(inChannels, ContextPath.Width, 3));
            attention = Pair(Child("conv_atten", Projection(ContextPath.Width)), Child("bn_atten", new BatchNorm2d(ContextPath.Width)));
        }

        protected override Tensor Compute(Tensor input)
        {
            var map = unit.Forward(input);
            return map.Mul(attention.Consume(map.Mean([2, 3], true)).Sigmoid());
        }
    }

    /// <summary>Figure 2c: both paths together, the weighted channels added to them all.</summary>
    private sealed class FeatureFusion : SingleOutputModule
    {
        private readonly NormedUnit unit;
        private readonly ConvolutionNorm attention;

        public FeatureFusion(int channels)
        {
            unit = Child("convblk", Unit(channels, channels, 1));
            attention = Pair(Child("conv", Projection(channels)), Child("bn", new BatchNorm2d(channels)));
        }

        public Tensor Apply(Tensor detail, Tensor context) => Observed(detail, _ =>
        {
            var map = unit.Consume(Aten.Cat([detail, context], 1));
            return map.Mul(attention.Consume(map.Mean([2, 3], true)).Sigmoid()).Add(map);
        });
    }
}

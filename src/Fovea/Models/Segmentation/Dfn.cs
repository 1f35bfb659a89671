using System.Globalization;
using Fovea.Losses;
using Fovea.Models.Backbones;
using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Models.Segmentation;

/// <summary>
/// Learning a Discriminative Feature Network for Semantic Segmentation (Yu, Wang, Peng, Gao, Yu, Sang, CVPR 2018). The smooth network goes
/// from the mean over the image up: at each stage the coarser map says which channels of the finer one pass, so that a region
/// gets one class. The border network goes the other way and learns where classes meet, so that neighbours of different classes are
/// told apart; it helps training only. Every stage is trained. <c>[N, 3, H, W]</c> to <c>[N, K, H, W]</c>; training takes two pictures or
/// more. Keys of TorchSeg: <c>backbone</c> (a ResNet with a deep stem), <c>global_context</c>, <c>smooth_pre_rrbs</c>, <c>cabs</c>,
/// <c>smooth_aft_rrbs</c>, <c>smooth_heads</c>, <c>border_pre_rrbs</c>, <c>border_aft_rrbs</c>, <c>border_heads</c>.
/// </summary>
public sealed class Dfn : Segmenter
{
    private const int Levels = 4;
    private const int SmoothWidth = 512;
    private const int BorderWidth = 21;

    // λ of equation 5, and the side of the window by which borders are widened.
    private const double BorderWeight = 0.1;
    private const int BorderWindow = 7;

    // Section 3.3: α and γ of the borders' focal loss, as weights of "no border" and "border".
    private static readonly Focal BorderLoss = new() { Gamma = 2, ClassWeights = [0.75f, 0.25f] };

    private readonly Backbone backbone;
    private readonly Sequential context;
    private readonly ModuleList<RefinementResidual> smoothBefore = [];
    private readonly ModuleList<ChannelAttention> attentions = [];
    private readonly ModuleList<RefinementResidual> smoothAfter = [];
    private readonly ModuleList<ScoreHead> smoothHeads = [];
    private readonly ModuleList<RefinementResidual> borderBefore = [];
    private readonly ModuleList<RefinementResidual> borderAfter = [];
    private readonly ModuleList<ScoreHead> borderHeads = [];

    /// <summary>Puts the two networks on a backbone.</summary>
    /// <param name="backbone">The backbone of four stages.</param>
    /// <param name="classes">Number of classes, K.</param>
    public Dfn(Backbone backbone, int classes)
    {
        this.backbone = Child("backbone", backbone);
        context = Child("global_context", new Sequential(new AdaptiveAvgPool2d(1), DeepLabResNet.Unit(backbone.Features[^1].Channels, SmoothWidth, 1, 1, 1, true)));
        for (var level = 0; level < Levels; level++)
        {
            // The smooth network starts at the coarsest map, the border network at the finest.
            smoothBefore.Add(new RefinementResidual(backbone.Features[^(level + 1)].Channels, SmoothWidth));
            attentions.Add(new ChannelAttention(SmoothWidth));
            smoothAfter.Add(new RefinementResidual(SmoothWidth, SmoothWidth));
            smoothHeads.Add(new ScoreHead(SmoothWidth, classes));
            borderBefore.Add(new RefinementResidual(backbone.Features[level].Channels, BorderWidth));
            borderAfter.Add(new RefinementResidual(BorderWidth, BorderWidth));
            borderHeads.Add(new ScoreHead(BorderWidth, 1));
        }

        Child("smooth_pre_rrbs", smoothBefore);
        Child("cabs", attentions);
        Child("smooth_aft_rrbs", smoothAfter);
        Child("smooth_heads", smoothHeads);
        Child("border_pre_rrbs", borderBefore);
        // The finest border map is not refined; the published network has the weights all the same.
        Child("border_aft_rrbs", borderAfter);
        Child("border_heads", borderHeads);
        Preprocessing = new Preprocessing().Adapt(backbone.InChannels);
    }

    /// <summary>The network on ResNet-101.</summary>
    public static IReadOnlyList<ModelEntry> Entries { get; } =
    [
        new("dfn_resnet101", ModelTask.Semantic, "Yu et al., Learning a Discriminative Feature Network for Semantic Segmentation", 2018, 21, 90_724_344,
            options => new Dfn(ResNet.OfDepth(101, new ResNetOptions { InChannels = options.InChannels, Stem = ResNetStem.Deep }), options.Outputs))
        {
            Weights = ["safetensors", ".pth"],
        },
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<string> HeadPrefixes => ["smooth_heads."];

    /// <inheritdoc/>
    public override IReadOnlyList<KeyValuePair<string, Tensor>> Forward(Tensor images)
    {
        using var scope = new TensorScope();
        return [KeyValuePair.Create("out", scope.Keep(Smooth(backbone.Forward(images), images, withAll: false)[^1]))];
    }

    /// <inheritdoc/>
    public override LossTerms Loss(Batch batch)
    {
        using var scope = new TensorScope();
        var terms = new LossTerms();
        var maps = backbone.Forward(batch.Images);
        var smooth = Smooth(maps, batch.Images, withAll: true);
        for (var level = 0; level < Levels; level++)
            AddTerms(terms, string.Create(CultureInfo.InvariantCulture, $"smooth{level + 1}"), 1, smooth[level], batch);
        var truth = BorderTargets(MapsOf(batch));
        var borders = Borders(maps, batch.Images);
        for (var level = 0; level < Levels; level++)
        {
            // The sigmoid of a score is the softmax of it beside 0.
            var scores = Aten.Cat([borders[level].ZerosLike(), borders[level]], 1);
            terms.Add(TermName(string.Create(CultureInfo.InvariantCulture, $"border{level + 1}"), "focal"), BorderLoss.Compute(scores, truth) * BorderWeight);
        }

        return terms.KeepIn(scope);
    }

    /// <summary>
    /// Where classes meet: pixels whose right or lower neighbour has another class, widened to 7 pixels. The reference draws the same lines, up to a
    /// pixel, with Canny's detector on the labels. Ignored pixels count as class 0 beside others and stay ignored themselves.
    /// </summary>
    /// <param name="maps"><c>[N, H, W]</c> int64.</param>
    /// <returns>1, 0 or <see cref="LabelMap.Ignore"/>, of the same shape.</returns>
    internal static Tensor BorderTargets(Tensor maps)
    {
        using var scope = new TensorScope();
        var ignored = maps.Eq(LabelMap.Ignore);
        var classes = Aten.Where(ignored, 0, maps);
        var (height, width) = (maps.Shape[1], maps.Shape[2]);
        var down = classes.Narrow(1, 0, height - 1).Ne(classes.Narrow(1, 1, height - 1)).To(Dtype.Float32).ConstantPadNd([0, 0, 0, 1]);
        var right = classes.Narrow(2, 0, width - 1).Ne(classes.Narrow(2, 1, width - 1)).To(Dtype.Float32).ConstantPadNd([0, 1]);
        var wide = down.Maximum(right).Unsqueeze(1).MaxPool2d([BorderWindow, BorderWindow], [1, 1], [BorderWindow / 2, BorderWindow / 2], [1, 1], false).Squeeze(1);
        return scope.Keep(Aten.Where(ignored, LabelMap.Ignore, wide.To(Dtype.Int64)));
    }

    /// <inheritdoc/>
    protected override Tensor BatchLogits(Batch batch)
    {
        using var scope = new TensorScope();
        return scope.Keep(Smooth(backbone.Forward(batch.Images), batch.Images, withAll: false)[^1]);
    }

    // The scores of every stage, or of the last alone; in the open scope.
    private List<Tensor> Smooth(IReadOnlyList<Tensor> maps, Tensor images, bool withAll)
    {
        var scores = new List<Tensor>(Levels);
        var last = context.Forward(maps[^1]);
        for (var level = 0; level < Levels; level++)
        {
            var map = maps[^(level + 1)];
            var above = last.UpsampleBilinear2d([map.Shape[2], map.Shape[3]], true);
            last = smoothAfter[level].Consume(attentions[level].Apply(smoothBefore[level].Forward(map), above));
            if (withAll || level == Levels - 1)
                scores.Add(Enlarged(smoothHeads[level].Forward(last), images));
        }

        return scores;
    }

    private Tensor[] Borders(IReadOnlyList<Tensor> maps, Tensor images)
    {
        var scores = new Tensor[Levels];
        Tensor? last = null;
        for (var level = 0; level < Levels; level++)
        {
            var map = borderBefore[level].Forward(maps[level]);
            last = last is null ? map : borderAfter[level].Consume(last + map.UpsampleBilinear2d([last.Shape[2], last.Shape[3]], true));
            scores[level] = Enlarged(borderHeads[level].Forward(last), images);
        }

        return scores;
    }

    private static Tensor Enlarged(Tensor scores, Tensor images) => scores.UpsampleBilinear2d([images.Shape[2], images.Shape[3]], true);
}

using Fovea.Imaging;
using Fovea.Models.Backbones;
using Fovea.Models.Necks;
using Fovea.Ops;
using Fovea.Torch;
using Fovea.Torch.Serialization;

namespace Fovea.Models.Detection;

/// <summary>
/// Faster R-CNN: Towards Real-Time Object Detection with Region Proposal Networks (Ren, He, Girshick, Sun, 2015) on a feature
/// pyramid (Lin et al. 2017). A first network proposes regions, a second one on the same features says what they are;
/// with a mask branch it is Mask R-CNN (<see cref="MaskRcnn"/>).
/// </summary>
/// <remarks>
/// Layout, keys and numbers of torchvision's <c>fasterrcnn_resnet50_fpn</c>: <c>backbone.body</c>, <c>backbone.fpn</c>,
/// <c>rpn.head</c>, <c>roi_heads</c>. Trained jointly; no gradient flows through the coordinates of proposals.
/// </remarks>
public sealed class FasterRcnn : Detector, IRenamedWeights, IScoresBoxes
{
    private const int PooledBins = 7;
    private const string Paper = "Ren et al., Faster R-CNN: Towards Real-Time Object Detection with Region Proposal Networks";

    private readonly PyramidBackbone backbone;
    private readonly RegionProposalNetwork rpn;
    private readonly RoiHeads heads;
    private readonly AnchorGenerator anchors;

    /// <summary>Puts the parts together.</summary>
    /// <param name="backbone">From images to the levels of a pyramid.</param>
    /// <param name="anchors">The anchors of every level.</param>
    /// <param name="rpn">Proposes regions on all levels.</param>
    /// <param name="heads">Says what the regions are.</param>
    public FasterRcnn(PyramidBackbone backbone, AnchorGenerator anchors, RegionProposalNetwork rpn, RoiHeads heads)
    {
        this.anchors = anchors;
        this.backbone = Child("backbone", backbone);
        this.rpn = Child("rpn", rpn);
        this.heads = Child("roi_heads", heads);
        Preprocessing = PublishedPreprocessing;
    }

    /// <summary>The catalogue's members. Outputs count background: 91 for COCO's raw numbers.</summary>
    public static IReadOnlyList<ModelEntry> Entries { get; } = [Entry(18, 28_739_606), Entry(34, 38_847_766), Entry(50, 41_808_406)];

    /// <inheritdoc/>
    public override ModelTask Task => heads.HasMasks ? ModelTask.Instance : ModelTask.Detection;

    /// <inheritdoc/>
    public override IReadOnlyList<string> HeadPrefixes =>
        heads.HasMasks ? ["roi_heads.box_predictor.", "roi_heads.mask_predictor.mask_fcn_logits."] : ["roi_heads.box_predictor."];

    /// <summary>Shorter side 800 pixels unless the longer would pass 1333, ImageNet's mean and deviation, padded to multiples of 32.</summary>
    internal static Preprocessing PublishedPreprocessing => new()
    {
        SizeRule = SizeRule.ShorterLonger, ShorterSide = 800, LongerSide = 1333, Interpolation = Interpolation.Bilinear, SizeMultiple = 32,
    };

    /// <inheritdoc/>
    protected override int FirstLabel => 1;

    /// <inheritdoc/>
    public string? CurrentName(string name) => PublishedKeys.Map(name, this);

    /// <summary>torchvision's network on a ResNet, of the options' sizes.</summary>
    /// <param name="depth">Depth of the ResNet.</param>
    /// <param name="options">Class count with background, input channels, and what differs from the published network.</param>
    public static FasterRcnn WithResNet(int depth, ModelOptions options) => Build(depth, options, withMasks: false);

    /// <inheritdoc/>
    /// <returns><c>loss_objectness</c>, <c>loss_rpn_box_reg</c>, <c>loss_classifier</c>, <c>loss_box_reg</c> and with masks <c>loss_mask</c>.</returns>
    public override LossTerms Loss(Batch batch)
    {
        var targets = TargetsOf(batch, heads.HasMasks);
        using var scope = new TensorScope();
        var levels = backbone.Forward(batch.Images);
        var candidates = Anchors(levels, batch.Images);
        var outputs = rpn.Forward(levels);
        var proposals = rpn.Propose(outputs, candidates, [.. batch.Origins.Select(origin => origin.NetworkSize)], training: true);
        var (objectness, moved) = rpn.Loss(outputs, candidates, [.. targets.Select(target => target.Boxes)]);
        var terms = new LossTerms().Add("loss_objectness", scope.Keep(objectness)).Add("loss_rpn_box_reg", scope.Keep(moved));
        heads.Loss(terms, levels, proposals, targets);
        foreach (var (_, value) in terms.Terms)
            scope.Keep(value);
        return terms;
    }

    /// <inheritdoc/>
    public override RawDetections[] Detect(Tensor images, IReadOnlyList<ImageSize> sizes)
    {
        using var scope = new TensorScope();
        var levels = backbone.Forward(images);
        var outputs = rpn.Forward(levels);
        PhaseBegins?.Invoke(PredictionPhase.OutputDecoding);
        var proposals = rpn.Propose(outputs, Anchors(levels, images), sizes, training: false);
        PhaseBegins?.Invoke(PredictionPhase.Network);
        var found = heads.Detect(levels, proposals, sizes, PhaseBegins);
        foreach (var image in found)
            image.KeepIn(scope);
        return found;
    }

    /// <inheritdoc/>
    /// <remarks>The box is pooled as a proposal would be; the score is its class's before the softmax.</remarks>
    public Tensor BoxScores(Tensor images, Box box, int label)
    {
        using var scope = new TensorScope();
        var levels = backbone.Forward(images);
        var region = Tensor.FromArray([box.X1, box.Y1, box.X2, box.Y2], [1, 4]).To(images.Device);
        return scope.Keep(heads.Classify(levels, [.. Enumerable.Repeat(region, (int)images.Shape[0])]).Select(1, label + FirstLabel));
    }

    internal static FasterRcnn Build(int depth, ModelOptions options, bool withMasks)
    {
        var detector = options.Varied(DetectorOptions.Published);
        var backbone = DetectorBackbone.Of(depth, options, stages: [0, 1, 2, 3], new SubsampledTop());
        var anchors = AnchorGenerator.WithRatios(
            detector.AnchorSizes ?? [[32], [64], [128], [256], [512]], [.. detector.AspectRatios]);
        var channels = detector.PyramidChannels;
        var strides = backbone.Levels.Take(4).Select(level => level.Stride).ToList();
        var numbers = new RoiOptions
        {
            SampleSize = detector.SampledRegions,
            ScoreThreshold = detector.ScoreThreshold, NmsThreshold = detector.NmsThreshold, DetectionsPerImage = detector.DetectionsPerImage ?? 100,
        };
        var proposals = new RpnOptions { SampleSize = detector.SampledAnchors };
        if (detector.Proposals is { } limit)
            proposals = proposals with { TrainingLimits = (limit, limit), EvaluationLimits = (limit, limit) };
        var boxes = new BoxBranch(
            new PyramidPooler(strides, PooledBins),
            new BoxHead(channels * PooledBins * PooledBins, detector.RepresentationSize),
            new BoxPredictor(detector.RepresentationSize, options.Outputs), numbers);
        return new FasterRcnn(
            backbone, anchors,
            new RegionProposalNetwork(new RpnHead(channels, anchors.CountPerCell[0]), proposals),
            new RoiHeads(boxes, new RegionSampler(numbers), withMasks ? MaskRcnn.Branch(channels, strides, options.Outputs) : null));
    }

    private static ModelEntry Entry(int depth, long parameters) => new(
        $"fasterrcnn_resnet{depth}_fpn", ModelTask.Detection, Paper, 2015, 91, parameters, options => WithResNet(depth, options)) { HasBackground = true, Fit = PublishedKeys.Fit, Variation = DetectorOptions.Published };

    private Tensor Anchors(IReadOnlyList<Tensor> levels, Tensor images) =>
        anchors.Generate([.. levels.Select(AnchorOutputs.SizeOf)], AnchorOutputs.SizeOf(images), images.Device);
}

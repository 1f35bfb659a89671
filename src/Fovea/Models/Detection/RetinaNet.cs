using Fovea.Models.Necks;
using Fovea.Ops;
using Fovea.Torch;
using Fovea.Torch.Serialization;

namespace Fovea.Models.Detection;

/// <summary>Numbers of <see cref="RetinaNet"/>; the defaults are torchvision's.</summary>
public sealed record RetinaNetOptions
{
    /// <summary>IoU with a true box from which an anchor is of its class.</summary>
    public double HighIoU { get; init; } = 0.5;

    /// <summary>IoU with every true box below which an anchor is background; between the two it is ignored.</summary>
    public double LowIoU { get; init; } = 0.4;

    /// <summary>Scores must be above this to be reported.</summary>
    public double ScoreThreshold { get; init; } = 0.05;

    /// <summary>Best scores of a level that are decoded.</summary>
    public int CandidatesPerLevel { get; init; } = 1000;

    /// <summary>IoU above which the lower of two boxes of a class is dropped.</summary>
    public double NmsThreshold { get; init; } = 0.5;

    /// <summary>Most objects reported for an image.</summary>
    public int DetectionsPerImage { get; init; } = 300;
}

/// <summary>
/// RetinaNet, of Focal Loss for Dense Object Detection (Lin, Goyal, Girshick, He, Dollár, 2017): one stage that classifies every
/// anchor of a pyramid P3 to P7, trained on all of them by a loss that lets the easy ones count little.
/// </summary>
/// <remarks>
/// Layout, keys and numbers of torchvision's <c>retinanet_resnet50_fpn</c>: <c>backbone.body</c>, <c>backbone.fpn</c>, <c>head</c>;
/// P6 from P5, plain L1 for the boxes. There is no background class: label i is output i. The published weights have 91
/// outputs, COCO's raw numbers, of which 0 and ten others are never used; their label space has a name for each of the 91.
/// </remarks>
public sealed class RetinaNet : Detector, IRenamedWeights, IScoresBoxes
{
    private const string Paper = "Lin et al., Focal Loss for Dense Object Detection";

    private readonly PyramidBackbone backbone;
    private readonly RetinaNetHead head;
    private readonly AnchorGenerator anchors;
    private readonly RetinaNetOptions options;
    private readonly BoxMatcher matcher;
    private readonly BoxCoder coder = new(BoxWeights.One);

    /// <summary>Puts the parts together.</summary>
    /// <param name="backbone">From images to the levels of a pyramid.</param>
    /// <param name="anchors">The anchors of every level.</param>
    /// <param name="head">The two subnets.</param>
    /// <param name="options">Thresholds and counts.</param>
    public RetinaNet(PyramidBackbone backbone, AnchorGenerator anchors, RetinaNetHead head, RetinaNetOptions options)
    {
        this.anchors = anchors;
        this.options = options;
        this.backbone = Child("backbone", backbone);
        this.head = Child("head", head);
        matcher = new BoxMatcher(options.HighIoU, options.LowIoU, allowLowQuality: true);
        Preprocessing = FasterRcnn.PublishedPreprocessing;
    }

    /// <summary>The catalogue's members. Outputs count foreground classes only; the published weights' 91 are COCO's raw numbers.</summary>
    public static IReadOnlyList<ModelEntry> Entries { get; } = [Entry(18, 21_048_471), Entry(34, 31_156_631), Entry(50, 34_068_119)];

    /// <inheritdoc/>
    public override ModelTask Task => ModelTask.Detection;

    /// <inheritdoc/>
    public override IReadOnlyList<string> HeadPrefixes => ["head.classification_head.cls_logits."];

    /// <inheritdoc/>
    protected override int FirstLabel => 0;

    /// <inheritdoc/>
    public string? CurrentName(string name) => PublishedKeys.Map(name, this);

    /// <summary>torchvision's network on a ResNet, of the options' sizes.</summary>
    /// <param name="depth">Depth of the ResNet.</param>
    /// <param name="options">Number of classes, input channels, and what differs from the published network.</param>
    public static RetinaNet WithResNet(int depth, ModelOptions options)
    {
        var detector = options.Varied(DetectorOptions.Published);
        var channels = detector.PyramidChannels;
        var anchors = AnchorGenerator.WithRatios(detector.AnchorSizes ?? PublishedSizes(), [.. detector.AspectRatios]);
        return new RetinaNet(
            DetectorBackbone.Of(depth, options, stages: [1, 2, 3], new ConvolutionTop(channels, channels)),
            anchors, new RetinaNetHead(channels, anchors.CountPerCell[0], options.Outputs),
            new RetinaNetOptions
            {
                ScoreThreshold = detector.ScoreThreshold, NmsThreshold = detector.NmsThreshold, DetectionsPerImage = detector.DetectionsPerImage ?? 300,
            });
    }

    /// <inheritdoc/>
    /// <returns><c>classification</c>: focal loss over all anchors that are not ignored; <c>bbox_regression</c>: L1 of the codes of the
    /// positives. Both are divided by the positives of each image (at least 1) and averaged over images.</returns>
    public override LossTerms Loss(Batch batch)
    {
        var targets = TargetsOf(batch);
        using var scope = new TensorScope();
        var levels = backbone.Forward(batch.Images);
        var candidates = Anchors(levels, batch.Images);
        var assigned = Assign(candidates, targets);
        var outputs = head.Forward(levels);
        var (classification, first) = (Tensor.Zeros([], device: batch.Images.Device), 0L);
        foreach (var logits in outputs.Logits)
        {
            var classes = assigned.Classes.Narrow(1, first, logits.Shape[1]);
            classification += FocalLoss.Sum(logits, classes, assigned.Weights);
            first += logits.Shape[1];
        }

        var regression = BoxLoss(Aten.Cat([.. outputs.Codes], 1), candidates, assigned, targets);
        return new LossTerms().Add("classification", scope.Keep(classification)).Add("bbox_regression", scope.Keep(regression));
    }

    /// <inheritdoc/>
    public override RawDetections[] Detect(Tensor images, IReadOnlyList<ImageSize> sizes)
    {
        using var scope = new TensorScope();
        var levels = backbone.Forward(images);
        var candidates = Anchors(levels, images);
        var outputs = head.Forward(levels);
        PhaseBegins?.Invoke(PredictionPhase.OutputDecoding);
        return [.. sizes.Select((size, image) => Decode(outputs, candidates, image, size).KeepIn(scope))];
    }

    /// <inheritdoc/>
    /// <remarks>The box is that anchor's whose own box overlaps it most; the score is the anchor's logit. Each image has its own.</remarks>
    public Tensor BoxScores(Tensor images, Box box, int label)
    {
        using var scope = new TensorScope();
        var levels = backbone.Forward(images);
        var outputs = head.Forward(levels);
        var (logits, codes) = (Aten.Cat([.. outputs.Logits], 1), Aten.Cat([.. outputs.Codes], 1).Detach());
        var (anchorBoxes, wanted) = (Anchors(levels, images), Tensor.FromArray([box.X1, box.Y1, box.X2, box.Y2], [1, 4]).To(images.Device));
        var scores = new Tensor[images.Shape[0]];
        for (var image = 0; image < scores.Length; image++)
        {
            var anchor = BoxOps.Overlap(BoxOverlap.IoU, wanted, coder.Decode(codes[image], anchorBoxes)).Argmax().ToInt64();
            scores[image] = logits[image, (int)anchor, label];
        }

        return scope.Keep(Aten.Stack(scores));
    }

    /// <summary>The assigner: the class of each anchor (or background, or ignored), its true box, and each image's share in the loss.</summary>
    private Assignment Assign(Tensor candidates, IReadOnlyList<DetectionTarget> targets)
    {
        using var noGrad = Autograd.NoGrad();
        var (matches, classes, weights) = (new List<Tensor>(), new List<Tensor>(), new float[targets.Count]);
        for (var image = 0; image < targets.Count; image++)
        {
            var match = matcher.Match(targets[image].Boxes, candidates);
            var positive = match >= 0;
            matches.Add(match);
            classes.Add(targets[image].Labels.Shape[0] == 0 ? match
                : Aten.Where(positive, targets[image].Labels.IndexSelect(0, match.ClampMin(0)), match));
            weights[image] = 1f / (Math.Max(1, positive.Sum().ToInt64()) * targets.Count);
        }

        return new Assignment(matches, Aten.Stack(classes), weights);
    }

    private Tensor BoxLoss(Tensor codes, Tensor candidates, Assignment assigned, IReadOnlyList<DetectionTarget> targets)
    {
        var total = Tensor.Zeros([], device: codes.Device);
        for (var image = 0; image < targets.Count; image++)
        {
            var positive = (assigned.Matches[image] >= 0).Nonzero().Squeeze(1);
            var matched = targets[image].Boxes.IndexSelect(0, assigned.Matches[image].IndexSelect(0, positive));
            var wanted = coder.Encode(matched, candidates.IndexSelect(0, positive));
            total += codes[image].IndexSelect(0, positive).L1Loss(wanted, 2) * assigned.Weights[image];
        }

        return total;
    }

    private RawDetections Decode(RetinaNetOutputs outputs, Tensor candidates, int image, ImageSize size)
    {
        using var scope = new TensorScope();
        var (boxes, scores, labels, first) = (new List<Tensor>(), new List<Tensor>(), new List<Tensor>(), 0L);
        for (var level = 0; level < outputs.Logits.Count; level++)
        {
            var logits = outputs.Logits[level][image];
            var (score, anchor, label) = Best(logits);
            var reference = candidates.IndexSelect(0, anchor + first);
            boxes.Add(coder.Decode(outputs.Codes[level][image].IndexSelect(0, anchor), reference));
            scores.Add(score);
            labels.Add(label);
            first += logits.Shape[0];
        }

        var (allBoxes, allScores, allLabels) = (BoxOps.Clip(Aten.Cat(boxes), size), Aten.Cat(scores), Aten.Cat(labels));
        var kept = Nms.RunByClass(allBoxes, allScores, allLabels, options.NmsThreshold, options.DetectionsPerImage);
        return new RawDetections(allBoxes.IndexSelect(0, kept), allScores.IndexSelect(0, kept), allLabels.IndexSelect(0, kept)).KeepIn(scope);
    }

    /// <summary>The best scores of one level of one image, with their anchors and classes.</summary>
    private (Tensor Scores, Tensor Anchors, Tensor Labels) Best(Tensor logits)
    {
        var flat = logits.Flatten();
        // A cheap test on the logits first, a little generous, so that few numbers go through the sigmoid.
        var candidates = (flat > Math.Log(options.ScoreThreshold / (1 - options.ScoreThreshold)) - 1e-3).Nonzero().Squeeze(1);
        var scores = flat.IndexSelect(0, candidates).Sigmoid();
        var passing = (scores > options.ScoreThreshold).Nonzero().Squeeze(1);
        var (best, order) = scores.IndexSelect(0, passing).Topk(Math.Min(options.CandidatesPerLevel, passing.Shape[0]), 0);
        var index = candidates.IndexSelect(0, passing).IndexSelect(0, order);
        var classes = logits.Shape[1];
        return (best, index.FloorDivide(classes), index.Remainder(classes));
    }

    private Tensor Anchors(IReadOnlyList<Tensor> levels, Tensor images) =>
        anchors.Generate([.. levels.Select(AnchorOutputs.SizeOf)], AnchorOutputs.SizeOf(images), images.Device);

    /// <summary>Three sizes an octave, cut to whole pixels (section 4, "Anchors").</summary>
    private static IReadOnlyList<float[]> PublishedSizes() =>
        [.. Enumerable.Range(5, 5).Select(octave => Array.ConvertAll([0, 1, 2], third => MathF.Floor(MathF.Pow(2, octave + third / 3f))))];

    private static ModelEntry Entry(int depth, long parameters) => new(
        $"retinanet_resnet{depth}_fpn", ModelTask.Detection, Paper, 2017, 91, parameters, options => WithResNet(depth, options)) { Fit = PublishedKeys.Fit, Variation = DetectorOptions.Published };

    private sealed record Assignment(IReadOnlyList<Tensor> Matches, Tensor Classes, float[] Weights);
}

using Fovea.Ops;
using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Models.Detection;

/// <summary>Two hidden layers on a pooled region: <c>[R, C, b, b]</c> to <c>[R, D]</c>. Keys <c>fc6</c>, <c>fc7</c>.</summary>
/// <remarks>Lin et al. 2017, Feature Pyramid Networks, section 4.2.</remarks>
public sealed class BoxHead : Layer
{
    private readonly Linear fc6;
    private readonly Linear fc7;
    private readonly ReLU relu = new(inPlace: true);

    /// <summary>Creates the layers.</summary>
    /// <param name="inFeatures">Numbers of a pooled region, C·b·b.</param>
    /// <param name="width">Width of both layers, D.</param>
    public BoxHead(int inFeatures, int width)
    {
        fc6 = Child("fc6", new Linear(inFeatures, width));
        fc7 = Child("fc7", new Linear(width, width));
    }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input) => relu.Consume(fc7.Consume(relu.Consume(fc6.Forward(input.Flatten(1)))));
}

/// <summary>Class and box of a region. Keys <c>cls_score</c>, <c>bbox_pred</c>.</summary>
public sealed class BoxPredictor : Module
{
    private readonly Linear classes;
    private readonly Linear offsets;

    /// <summary>Creates the two layers.</summary>
    /// <param name="inFeatures">Numbers of a region, D.</param>
    /// <param name="outputs">Classes with background, K; background is 0.</param>
    public BoxPredictor(int inFeatures, int outputs)
    {
        classes = Child("cls_score", new Linear(inFeatures, outputs));
        offsets = Child("bbox_pred", new Linear(inFeatures, 4 * outputs));
    }

    /// <summary>Raw outputs of regions <c>[R, D]</c>.</summary>
    public BoxOutputs Forward(Tensor regions) => new(AsSingle(classes.Forward(regions)), AsSingle(offsets.Forward(regions)));

    private static Tensor AsSingle(Tensor output) => output.To(Dtype.Float32);
}

/// <summary>What the box branch says about every region.</summary>
/// <param name="Logits"><c>[R, K]</c> float32, class 0 is background.</param>
/// <param name="Codes"><c>[R, 4·K]</c> float32, box codes for each class.</param>
public sealed record BoxOutputs(Tensor Logits, Tensor Codes);

/// <summary>
/// The second stage of an R-CNN: pools every proposal and says what it is and where exactly. Girshick 2015, Fast R-CNN,
/// section 2; with pyramid pooling as in Lin et al. 2017.
/// </summary>
/// <remarks>Keys <c>box_head</c>, <c>box_predictor</c> under the owner.</remarks>
public sealed class BoxBranch
{
    private const double SmallestSide = 1e-2;

    private readonly PyramidPooler pooler;
    private readonly RoiOptions options;
    private readonly BoxCoder coder = new(BoxWeights.BoxHead);

    /// <summary>Puts the parts together.</summary>
    /// <param name="pooler">Reads regions from the pyramid.</param>
    /// <param name="head">From pooled regions to vectors.</param>
    /// <param name="predictor">From vectors to classes and boxes.</param>
    /// <param name="options">Thresholds and counts.</param>
    public BoxBranch(PyramidPooler pooler, BoxHead head, BoxPredictor predictor, RoiOptions options)
    {
        this.pooler = pooler;
        this.options = options;
        Head = head;
        Predictor = predictor;
    }

    /// <summary>From pooled regions to vectors.</summary>
    public BoxHead Head { get; }

    /// <summary>From vectors to classes and boxes.</summary>
    public BoxPredictor Predictor { get; }

    /// <summary>Raw outputs for the proposals of all images, image after image.</summary>
    /// <param name="levels">Levels of the pyramid.</param>
    /// <param name="proposals">For each image <c>[R_i, 4]</c>.</param>
    public BoxOutputs Forward(IReadOnlyList<Tensor> levels, IReadOnlyList<Tensor> proposals)
    {
        using var scope = new TensorScope();
        var outputs = Predictor.Forward(Head.Consume(pooler.Pool(levels, proposals)));
        return new BoxOutputs(scope.Keep(outputs.Logits), scope.Keep(outputs.Codes));
    }

    /// <summary>Cross entropy of the classes, and smooth L1 (β = 1/9) of the true class's codes of the positives, divided by the number of regions.</summary>
    public (Tensor Classes, Tensor Boxes) Loss(BoxOutputs outputs, IReadOnlyList<RegionSample> samples)
    {
        using var scope = new TensorScope();
        var labels = Aten.Cat([.. samples.Select(sample => sample.Labels)]);
        var regions = labels.Shape[0];
        if (regions == 0)
            return (scope.Keep(outputs.Logits.Sum()), scope.Keep(outputs.Codes.Sum()));
        var positive = (labels > 0).Nonzero().Squeeze(1);
        var codes = coder.Encode(
            Aten.Cat([.. samples.Select(sample => sample.TrueBoxes)]).IndexSelect(0, positive),
            Aten.Cat([.. samples.Select(sample => sample.Regions)]).IndexSelect(0, positive));
        var predicted = ByClass(outputs.Codes)[positive, labels.IndexSelect(0, positive)];
        var classes = outputs.Logits.CrossEntropyLoss(labels);
        return (scope.Keep(classes), scope.Keep(predicted.SmoothL1Loss(codes, 2, 1.0 / 9) / regions));
    }

    /// <summary>The objects of each image in network pixels: boxes above the score threshold, suppressed class by class, the best ones.</summary>
    public RawDetections[] Decode(BoxOutputs outputs, IReadOnlyList<Tensor> proposals, IReadOnlyList<ImageSize> sizes)
    {
        using var scope = new TensorScope();
        var scores = outputs.Logits.Softmax(1);
        var (results, first) = (new RawDetections[sizes.Count], 0L);
        for (var image = 0; image < sizes.Count; image++)
        {
            var count = proposals[image].Shape[0];
            results[image] = Decode(scores.Narrow(0, first, count), outputs.Codes.Narrow(0, first, count), proposals[image], sizes[image]).KeepIn(scope);
            first += count;
        }

        return results;
    }

    private static Tensor ByClass(Tensor codes) => codes.Reshape([codes.Shape[0], codes.Shape[1] / 4, 4]);

    private RawDetections Decode(Tensor scores, Tensor codes, Tensor proposals, ImageSize size)
    {
        using var scope = new TensorScope();
        var foreground = scores.Narrow(1, 1, scores.Shape[1] - 1);
        var candidates = (foreground > options.ScoreThreshold).Nonzero();
        var region = candidates.Select(1, 0);
        var label = candidates.Select(1, 1) + 1;
        var boxes = coder.Decode(ByClass(codes)[region, label], proposals.IndexSelect(0, region));
        boxes = BoxOps.Clip(boxes, size);
        var large = BoxOps.NotSmallerThan(boxes, SmallestSide);
        (boxes, label, region) = (boxes.IndexSelect(0, large), label.IndexSelect(0, large), region.IndexSelect(0, large));
        var score = scores[region, label];
        var kept = Nms.RunByClass(boxes, score, label, options.NmsThreshold, options.DetectionsPerImage);
        return new RawDetections(boxes.IndexSelect(0, kept), score.IndexSelect(0, kept), label.IndexSelect(0, kept)).KeepIn(scope);
    }
}

using Fovea.Ops;
using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Models.Detection;

/// <summary>Numbers of a region proposal network; the defaults are torchvision's.</summary>
public sealed record RpnOptions
{
    /// <summary>IoU with a true box from which an anchor is positive.</summary>
    public double HighIoU { get; init; } = 0.7;

    /// <summary>IoU with every true box below which an anchor is negative.</summary>
    public double LowIoU { get; init; } = 0.3;

    /// <summary>Anchors of an image that the loss is computed on.</summary>
    public int SampleSize { get; init; } = 256;

    /// <summary>Largest share of positives among them.</summary>
    public double PositiveShare { get; init; } = 0.5;

    /// <summary>How many anchors of each level and how many proposals of an image remain before and after suppression in training.</summary>
    public (int Before, int After) TrainingLimits { get; init; } = (2000, 2000);

    /// <summary>How many anchors of each level and how many proposals of an image remain before and after suppression in evaluation.</summary>
    public (int Before, int After) EvaluationLimits { get; init; } = (1000, 1000);

    /// <summary>IoU above which the lower of two proposals of a level is dropped.</summary>
    public double NmsThreshold { get; init; } = 0.7;
}

/// <summary>
/// Finds where objects may be, whatever they are. Ren, He, Girshick, Sun 2015, Faster R-CNN: Towards Real-Time Object
/// Detection with Region Proposal Networks, section 3.1; over all levels of a pyramid as in Lin et al. 2017, section 4.1.
/// </summary>
/// <remarks>Key <c>head</c>.</remarks>
public sealed class RegionProposalNetwork : Module
{
    private const double SmallestSide = 1e-3;

    private readonly RpnHead head;
    private readonly RpnOptions options;
    private readonly BoxMatcher matcher;
    private readonly BalancedSampler sampler;
    private readonly BoxCoder coder = new(BoxWeights.One);

    /// <summary>Creates the network.</summary>
    /// <param name="head">The sliding network.</param>
    /// <param name="options">Thresholds and counts.</param>
    public RegionProposalNetwork(RpnHead head, RpnOptions options)
    {
        this.head = Child("head", head);
        this.options = options;
        matcher = new BoxMatcher(options.HighIoU, options.LowIoU, allowLowQuality: true);
        sampler = new BalancedSampler(options.SampleSize, options.PositiveShare);
    }

    /// <summary>Raw outputs for every anchor.</summary>
    /// <param name="levels">Levels of the pyramid, <c>[N, C, H, W]</c> each.</param>
    public AnchorOutputs Forward(IReadOnlyList<Tensor> levels) => head.Forward(levels);

    /// <summary>
    /// Decodes the best anchors of every level, clips them to the image, and suppresses within levels. No gradient flows
    /// through proposals.
    /// </summary>
    /// <param name="outputs">What <see cref="Forward"/> gave.</param>
    /// <param name="anchors"><c>[A, 4]</c>.</param>
    /// <param name="sizes">Sizes of the images without padding.</param>
    /// <param name="training">Whether the limits of training apply.</param>
    /// <returns>For each image its proposals, <c>[K, 4]</c> float32, best first; in the caller's scope.</returns>
    public Tensor[] Propose(AnchorOutputs outputs, Tensor anchors, IReadOnlyList<ImageSize> sizes, bool training)
    {
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        var (before, after) = training ? options.TrainingLimits : options.EvaluationLimits;
        var (best, levels) = BestOfLevels(outputs, before);
        var proposals = new Tensor[sizes.Count];
        for (var image = 0; image < sizes.Count; image++)
        {
            using var inner = new TensorScope();
            var indices = best[image];
            var boxes = coder.Decode(outputs.Codes[image].IndexSelect(0, indices), anchors.IndexSelect(0, indices));
            boxes = BoxOps.Clip(boxes, sizes[image]);
            var large = BoxOps.NotSmallerThan(boxes, SmallestSide);
            boxes = boxes.IndexSelect(0, large);
            var scores = outputs.Logits[image].IndexSelect(0, indices).IndexSelect(0, large).Sigmoid();
            var kept = Nms.RunByClass(boxes, scores, levels.IndexSelect(0, large), options.NmsThreshold, after);
            proposals[image] = scope.Keep(inner.Keep(boxes.IndexSelect(0, kept)));
        }

        return proposals;
    }

    /// <summary>The two losses on a random sample of the anchors (equation 1, both parts divided by the sample's size).</summary>
    /// <param name="outputs">What <see cref="Forward"/> gave.</param>
    /// <param name="anchors"><c>[A, 4]</c>.</param>
    /// <param name="boxes">For each image the true boxes, <c>[M, 4]</c>.</param>
    /// <returns>Binary cross entropy of the objectness, smooth L1 (β = 1/9) of the codes of the positives.</returns>
    public (Tensor Objectness, Tensor Boxes) Loss(AnchorOutputs outputs, Tensor anchors, IReadOnlyList<Tensor> boxes)
    {
        using var scope = new TensorScope();
        var (positives, negatives, codes) = Sample(anchors, boxes);
        var picked = Aten.Cat([positives, negatives]);
        var labels = Aten.Cat([positives.OnesLike(Dtype.Float32), negatives.ZerosLike(Dtype.Float32)]);
        var objectness = outputs.Logits.Flatten().IndexSelect(0, picked).BinaryCrossEntropyWithLogits(labels);
        var moved = outputs.Codes.Flatten(0, 1).IndexSelect(0, positives).SmoothL1Loss(codes, 2, 1.0 / 9) / Math.Max(1, picked.Shape[0]);
        return (scope.Keep(objectness), scope.Keep(moved));
    }

    /// <summary>The assigner: which anchors of the batch (numbered image after image) are sampled, and the codes the positives should have.</summary>
    private (Tensor Positives, Tensor Negatives, Tensor Codes) Sample(Tensor anchors, IReadOnlyList<Tensor> boxes)
    {
        using var noGrad = Autograd.NoGrad();
        var (positives, negatives, codes) = (new List<Tensor>(), new List<Tensor>(), new List<Tensor>());
        for (var image = 0; image < boxes.Count; image++)
        {
            var matches = matcher.Match(boxes[image], anchors);
            // Matched 1, background 0, ignored -1.
            var (positive, negative) = sampler.Sample(matches.ClampMax(0) + 1);
            var matched = boxes[image].IndexSelect(0, matches.IndexSelect(0, positive));
            codes.Add(coder.Encode(matched, anchors.IndexSelect(0, positive)));
            positives.Add(positive + image * anchors.Shape[0]);
            negatives.Add(negative + image * anchors.Shape[0]);
        }

        return (Aten.Cat(positives), Aten.Cat(negatives), Aten.Cat(codes));
    }

    private static (Tensor Indices, Tensor Levels) BestOfLevels(AnchorOutputs outputs, int limit)
    {
        var (indices, levels, offset) = (new List<Tensor>(), new List<Tensor>(), 0);
        for (var level = 0; level < outputs.Counts.Count; level++)
        {
            var count = Math.Min(limit, outputs.Counts[level]);
            var (_, best) = outputs.Logits.Narrow(1, offset, outputs.Counts[level]).Topk(count, 1);
            indices.Add(best + offset);
            levels.Add(Tensor.Full([count], level, Dtype.Int64, best.Device));
            offset += outputs.Counts[level];
        }

        return (Aten.Cat(indices, 1), Aten.Cat(levels));
    }
}

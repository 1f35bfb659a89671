using Fovea.Torch;

namespace Fovea.Losses;

/// <summary>
/// Soft Dice loss of a softmax over classes (Milletari et al. 2016; Sørensen–Dice): for each class 1 − (2·Σpg + s)/(Σp + Σg + s)
/// over the pixels that count, then the mean over classes. It weighs a small class as much as a large one.
/// </summary>
public sealed class Dice
{
    // Keeps 0/0, a class without pixels or probability, at a loss of 0.
    private const double Tiny = 1e-12;

    /// <summary>Pixels with this label count for nothing.</summary>
    public int IgnoreIndex { get; init; } = LabelMap.Ignore;

    /// <summary>s, which keeps the loss of a class without pixels from 0/0 and gives it a gradient.</summary>
    public double Smooth { get; init; } = 1;

    /// <summary>Whether the sums in the denominator are of squares (V-Net).</summary>
    public bool IsSquared { get; init; }

    /// <summary>Whether class 0 takes part.</summary>
    public bool IncludesBackground { get; init; } = true;

    /// <summary>Whether classes without a pixel count as 0, without a gradient, instead of punishing every false positive.</summary>
    public bool SkipsAbsentClasses { get; init; }

    /// <summary>Whether the sums run over the whole batch, rather than over each picture before the mean over pictures.</summary>
    public bool IsOverBatch { get; init; } = true;

    /// <summary>The loss, a scalar in [0, 1].</summary>
    /// <param name="logits">Scores before the softmax, <c>[N, K, ...]</c>.</param>
    /// <param name="labels">Classes, <c>[N, ...]</c> int64 in [0, K) or <see cref="IgnoreIndex"/>.</param>
    /// <exception cref="FoveaException">The shapes do not fit.</exception>
    public Tensor Compute(Tensor logits, Tensor labels)
    {
        using var scope = new TensorScope();
        var (pictures, classes) = (logits.Shape[0], logits.Shape[1]);
        Shape expected = [pictures, .. logits.Shape.Span[2..]];
        if (labels.Shape != expected)
            throw new FoveaException($"dice: found labels {labels.Shape} for logits {logits.Shape}, expected {expected}");
        var probabilities = logits.Softmax(1, logits.Dtype == Dtype.Float64 ? Dtype.Float64 : Dtype.Float32).Flatten(2);
        var flat = labels.Flatten(1);
        var counted = flat.Ne(IgnoreIndex);
        var weights = counted.To(probabilities.Dtype);
        // An ignored label is no index: it becomes a valid one, and its weight of 0 takes it out again.
        var valid = Aten.Where(counted, flat, 0);
        var hits = probabilities.Gather(1, valid.Unsqueeze(1)).Squeeze(1) * weights;
        var empty = Tensor.Zeros([pictures, classes], probabilities.Dtype, logits.Device);
        var intersection = empty.ScatterAdd(1, valid, hits);
        var truth = empty.ScatterAdd(1, valid, weights);
        var predicted = ((IsSquared ? probabilities.Square() : probabilities) * weights.Unsqueeze(1)).Sum([2]);
        if (IsOverBatch)
            (intersection, truth, predicted) = (intersection.Sum([0], true), truth.Sum([0], true), predicted.Sum([0], true));
        var losses = (truth + predicted - intersection * 2) / (truth + predicted + Smooth).ClampMin(Tiny);
        if (SkipsAbsentClasses)
            losses = losses * truth.Gt(0);
        if (!IncludesBackground)
            losses = losses[.., 1..];
        return scope.Keep(losses.Mean());
    }
}

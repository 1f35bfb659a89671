using Fovea.Torch;

namespace Fovea.Losses;

/// <summary>
/// What losses share that compare regions rather than pixels: from the softmax over classes, for each class I = Σpg, Σg and
/// Σp over the pixels that count, a loss of these three, then the mean over classes. They weigh a small class as much as a
/// large one.
/// </summary>
public abstract class RegionLoss : PixelLoss
{
    // Keeps 0/0, a class without pixels or probability, at a loss of 0.
    private protected const double Tiny = 1e-12;

    private protected RegionLoss(double smooth) => Smooth = smooth;

    /// <summary>s, which keeps the loss of a class without pixels from 0/0 and gives it a gradient.</summary>
    public double Smooth { get; init; }

    /// <summary>Whether class 0 takes part.</summary>
    public bool IncludesBackground { get; init; } = true;

    /// <summary>Whether classes without a pixel count as 0, without a gradient, instead of punishing every false positive.</summary>
    public bool SkipsAbsentClasses { get; init; }

    /// <summary>Whether the sums run over the whole batch, rather than over each picture before the mean over pictures.</summary>
    public bool IsOverBatch { get; init; } = true;

    private protected virtual bool SumsSquares => false;

    private protected override Tensor Compute(Tensor logits, MaskedTargets masked)
    {
        if (!IncludesBackground && masked.Count < 2)
            throw new FoveaException($"{GetType().Name}: found one class, expected two or more where the background takes no part");
        var probabilities = MaskedTargets.Flatten(logits).Softmax(1);
        var (intersection, truth, predicted) = Sums(masked, probabilities);
        if (IsOverBatch)
            (intersection, truth, predicted) = (intersection.Sum([0], true), truth.Sum([0], true), predicted.Sum([0], true));
        if (!IncludesBackground)
            (intersection, truth, predicted) = (intersection[.., 1..], truth[.., 1..], predicted[.., 1..]);
        return Combine(intersection, truth, predicted);
    }

    /// <summary>Σpg, Σg and Σp of each class, <c>[N, K]</c>, over the pixels that count.</summary>
    private protected virtual (Tensor Intersection, Tensor Truth, Tensor Predicted) Sums(MaskedTargets masked, Tensor probabilities) => (
        masked.SumByClass(masked.Pick(probabilities) * masked.Weights),
        masked.SumByClass(masked.Weights),
        ((SumsSquares ? probabilities.Square() : probabilities) * masked.Weights.Unsqueeze(1)).Sum([2]));

    /// <summary>The loss, a scalar, from the three sums of each class, <c>[N, K]</c>.</summary>
    private protected abstract Tensor Combine(Tensor intersection, Tensor truth, Tensor predicted);

    /// <summary>The mean over classes of 1 − (2I + s)/(G + P + s).</summary>
    private protected Tensor AverageDice(Tensor intersection, Tensor truth, Tensor predicted) =>
        Average((truth + predicted - intersection * 2) / (truth + predicted + Smooth).ClampMin(Tiny), truth);

    /// <summary>The mean of the losses of classes, <c>[N, K]</c>.</summary>
    private protected Tensor Average(Tensor losses, Tensor truth) => (SkipsAbsentClasses ? losses * truth.Gt(0) : losses).Mean();
}

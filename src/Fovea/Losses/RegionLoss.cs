using Fovea.Torch;

namespace Fovea.Losses;

/// <summary>
/// What losses share that compare regions rather than pixels: from the softmax over classes, for each class I = Σpg, Σg and
/// Σp over the pixels that count, a loss of these three, then the mean over classes. They weigh a small class as much as a
/// large one.
/// </summary>
public abstract class RegionLoss : IPixelLoss
{
    // Keeps 0/0, a class without pixels or probability, at a loss of 0.
    private protected const double Tiny = 1e-12;

    private protected RegionLoss()
    {
    }

    /// <summary>Pixels with this label count for nothing.</summary>
    public int IgnoreIndex { get; init; } = LabelMap.Ignore;

    /// <summary>s, which keeps the loss of a class without pixels from 0/0 and gives it a gradient.</summary>
    public double Smooth { get; init; } = 1;

    /// <summary>Whether class 0 takes part.</summary>
    public bool IncludesBackground { get; init; } = true;

    /// <summary>Whether classes without a pixel count as 0, without a gradient, instead of punishing every false positive.</summary>
    public bool SkipsAbsentClasses { get; init; }

    /// <summary>Whether the sums run over the whole batch, rather than over each picture before the mean over pictures.</summary>
    public bool IsOverBatch { get; init; } = true;

    private protected virtual bool SumsSquares => false;

    /// <summary>The loss, a scalar in [0, 1].</summary>
    /// <param name="logits">Scores before the softmax, <c>[N, K, ...]</c>.</param>
    /// <param name="targets">Classes, <c>[N, ...]</c> int64 in [0, K) or <see cref="IgnoreIndex"/>.</param>
    /// <exception cref="FoveaException">The shapes do not fit, or class 0 is left out and there is no other.</exception>
    public Tensor Compute(Tensor logits, Tensor targets)
    {
        using var scope = new TensorScope();
        var masked = MaskedTargets.Of(GetType().Name, logits, targets, IgnoreIndex, MaskedTargets.TypeFor(logits));
        if (!IncludesBackground && masked.Count < 2)
            throw new FoveaException($"{GetType().Name}: found one class, expected two or more where the background takes no part");
        var probabilities = MaskedTargets.Flatten(logits).Softmax(1);
        var intersection = masked.SumByClass(masked.Pick(probabilities) * masked.Weights);
        var truth = masked.SumByClass(masked.Weights);
        var predicted = ((SumsSquares ? probabilities.Square() : probabilities) * masked.Weights.Unsqueeze(1)).Sum([2]);
        if (IsOverBatch)
            (intersection, truth, predicted) = (intersection.Sum([0], true), truth.Sum([0], true), predicted.Sum([0], true));
        var losses = PerClass(intersection, truth, predicted);
        if (SkipsAbsentClasses)
            losses = losses * truth.Gt(0);
        if (!IncludesBackground)
            losses = losses[.., 1..];
        return scope.Keep(losses.Mean());
    }

    /// <summary>The loss of each class, <c>[N, K]</c>, from the three sums of the same shape.</summary>
    private protected abstract Tensor PerClass(Tensor intersection, Tensor truth, Tensor predicted);
}

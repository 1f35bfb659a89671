using Fovea.Torch;

namespace Fovea.Losses;

/// <summary>
/// Cross entropy of the hard pixels alone (online hard example mining; Shrivastava et al. 2016, Wu et al. 2016): those whose
/// true class has a probability below a threshold, and when these are too few, the hardest ones.
/// </summary>
public sealed class HardPixelCrossEntropy : IPixelLoss
{
    private const int ShareKept = 16;

    /// <summary>Pixels with this label count for nothing.</summary>
    public int IgnoreIndex { get; init; } = LabelMap.Ignore;

    /// <summary>The probability, above 0 and at most 1, from which a pixel is easy.</summary>
    public double Threshold { get; init; } = 0.7;

    /// <summary>How many pixels of a batch count at least, hard or not; null for a sixteenth of those not ignored, and one at least.</summary>
    public int? MinimumKept { get; init; }

    /// <summary>The mean loss of the hard pixels, a scalar; 0 with a zero gradient when every label is ignored.</summary>
    /// <param name="logits">Scores before the softmax, <c>[N, K, ...]</c>.</param>
    /// <param name="targets">Classes, <c>[N, ...]</c> int64 in [0, K) or <see cref="IgnoreIndex"/>.</param>
    /// <exception cref="FoveaException">The shapes do not fit.</exception>
    public Tensor Compute(Tensor logits, Tensor targets)
    {
        using var scope = new TensorScope();
        var masked = MaskedTargets.Of(nameof(HardPixelCrossEntropy), logits, targets, IgnoreIndex, MaskedTargets.TypeFor(logits));
        var losses = -masked.Pick(MaskedTargets.Flatten(logits).LogSoftmax(1)) * masked.Weights;
        var valid = masked.Weights.Sum().ToInt64();
        var wanted = Math.Min(MinimumKept ?? Math.Max(1, valid / ShareKept), valid);
        var isHard = losses.Gt(-Math.Log(Threshold)) * masked.Weights.Gt(0);
        var kept = isHard.Sum().ToInt64();
        if (kept == 0 && wanted == 0)
            return scope.Keep(losses.Sum() * 0);
        if (kept >= wanted)
            return scope.Keep(Aten.Where(isHard, losses, 0).Sum() / kept);
        return scope.Keep(losses.Flatten().Topk(wanted).Item1.Mean());
    }
}

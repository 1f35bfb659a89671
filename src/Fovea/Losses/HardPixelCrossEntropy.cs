using Fovea.Torch;

namespace Fovea.Losses;

/// <summary>
/// Cross entropy of the hard pixels alone (online hard example mining; Shrivastava et al. 2016, Wu et al. 2016): those whose
/// true class has a probability below a threshold, and when these are too few, the hardest ones.
/// </summary>
public sealed class HardPixelCrossEntropy : PixelLoss
{
    private const int ShareKept = 16;

    /// <summary>The probability, above 0 and at most 1, from which a pixel is easy.</summary>
    public double Threshold { get; init; } = 0.7;

    /// <summary>How many pixels of a batch count at least, hard or not; null for a sixteenth of those not ignored, and one at least.</summary>
    public int? MinimumKept { get; init; }

    private protected override Tensor Compute(Tensor logits, MaskedTargets masked)
    {
        var losses = -masked.Pick(MaskedTargets.Flatten(logits).LogSoftmax(1)) * masked.Weights;
        var valid = masked.Weights.Sum().ToInt64();
        var wanted = Math.Min(MinimumKept ?? Math.Max(1, valid / ShareKept), valid);
        var isHard = losses.Gt(-Math.Log(Threshold)) * masked.Weights.Gt(0);
        var kept = isHard.Sum().ToInt64();
        if (kept == 0 && wanted == 0)
            return losses.Sum() * 0;
        if (kept >= wanted)
            return Aten.Where(isHard, losses, 0).Sum() / kept;
        return losses.Flatten().Topk(wanted).Item1.Mean();
    }
}

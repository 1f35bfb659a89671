using Fovea.Torch;

namespace Fovea.Losses;

/// <summary>Cross entropy of the hardest pixels of every picture (bootstrapped; Wu et al. 2016): its mean over a fixed number of them, then over the pictures with a label.</summary>
public sealed class TopPixelCrossEntropy : PixelLoss
{
    /// <summary>How many pixels of a picture count, at least 1; all that are not ignored where there are fewer.</summary>
    public int Kept { get; init; } = 4096;

    private protected override Tensor Compute(Tensor logits, MaskedTargets masked)
    {
        var losses = -masked.Pick(MaskedTargets.Flatten(logits).LogSoftmax(1)) * masked.Weights;
        var kept = Math.Min(Kept, losses.Shape[1]);
        var valid = masked.Weights.Sum([1]);
        // Ignored pixels have a loss of 0 and are the last to be taken.
        var each = losses.Topk(kept, 1).Item1.Sum([1]) / valid.ClampMax(kept).ClampMin(1);
        return each.Sum() / valid.Gt(0).Sum().ClampMin(1);
    }
}

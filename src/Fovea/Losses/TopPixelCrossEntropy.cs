using Fovea.Torch;

namespace Fovea.Losses;

/// <summary>Cross entropy of the hardest pixels of every picture (bootstrapped; Wu et al. 2016): its mean over a fixed number of them, then over pictures.</summary>
public sealed class TopPixelCrossEntropy : IPixelLoss
{
    /// <summary>Pixels with this label count for nothing.</summary>
    public int IgnoreIndex { get; init; } = LabelMap.Ignore;

    /// <summary>How many pixels of a picture count, at least 1; all that are not ignored where there are fewer.</summary>
    public int Kept { get; init; } = 4096;

    /// <summary>The mean loss, a scalar, over the pictures with a label; 0 with a zero gradient when every label is ignored.</summary>
    /// <param name="logits">Scores before the softmax, <c>[N, K, ...]</c>.</param>
    /// <param name="targets">Classes, <c>[N, ...]</c> int64 in [0, K) or <see cref="IgnoreIndex"/>.</param>
    /// <exception cref="FoveaException">The shapes do not fit.</exception>
    public Tensor Compute(Tensor logits, Tensor targets)
    {
        using var scope = new TensorScope();
        var masked = MaskedTargets.Of(nameof(TopPixelCrossEntropy), logits, targets, IgnoreIndex, MaskedTargets.TypeFor(logits));
        var losses = -masked.Pick(MaskedTargets.Flatten(logits).LogSoftmax(1)) * masked.Weights;
        var kept = Math.Min(Kept, losses.Shape[1]);
        var valid = masked.Weights.Sum([1]);
        // Ignored pixels have a loss of 0 and are the last to be taken.
        var each = losses.Topk(kept, 1).Item1.Sum([1]) / valid.ClampMax(kept).ClampMin(1);
        return scope.Keep(each.Sum() / valid.Gt(0).Sum().ClampMin(1));
    }
}

using Fovea.Torch;

namespace Fovea.Losses;

/// <summary>
/// The Lovász hinge (Berman, Rannen Triki, Blaschko, CVPR 2018): a convex extension of 1 − IoU of the foreground to margins,
/// over the errors 1 − z·(2g − 1) of the pixels that count. Unlike the softmax losses it has no upper bound.
/// </summary>
public sealed class LovaszHinge : IPixelLoss
{
    /// <summary>Pixels with this label count for nothing.</summary>
    public int IgnoreIndex { get; init; } = LabelMap.Ignore;

    /// <summary>Whether all pictures of the batch are one, rather than each apart before the mean over pictures.</summary>
    public bool IsOverBatch { get; init; } = true;

    /// <summary>The loss, a scalar; 0 with a zero gradient when every label is ignored.</summary>
    /// <param name="logits">The margin z of the foreground, <c>[N, 1, ...]</c>, or scores of background and foreground, <c>[N, 2, ...]</c>, whose difference it is.</param>
    /// <param name="targets">0 or 1, <c>[N, ...]</c> int64, or <see cref="IgnoreIndex"/>.</param>
    /// <exception cref="FoveaException">The shapes do not fit, or there are more than two classes.</exception>
    public Tensor Compute(Tensor logits, Tensor targets)
    {
        using var scope = new TensorScope();
        var masked = MaskedTargets.Of(nameof(LovaszHinge), logits, targets, IgnoreIndex, MaskedTargets.TypeFor(logits));
        if (masked.Count > 2)
            throw new FoveaException($"LovaszHinge: found {masked.Count} classes, expected a foreground and a background; LovaszSoftmax takes more");
        var (margins, truth) = masked.Margins(logits);
        var (margin, foreground) = (margins.Squeeze(1), truth.Squeeze(1));
        var errors = (1 - margin * (foreground * 2 - 1)) * masked.Weights;
        if (IsOverBatch)
            (errors, foreground) = (errors.Reshape([1, -1]), foreground.Reshape([1, -1]));
        return scope.Keep(JaccardSteps.Extend(errors, foreground).Mean());
    }
}

using Fovea.Torch;

namespace Fovea.Losses;

/// <summary>
/// The Lovász hinge (Berman, Rannen Triki, Blaschko, CVPR 2018): a convex extension of 1 − IoU of the foreground to margins,
/// over the errors 1 − z·(2g − 1) of the pixels that count, z being the margin of the foreground or the difference of two scores. Unlike the softmax losses it has no upper bound.
/// </summary>
public sealed class LovaszHinge : PixelLoss
{
    /// <summary>Whether all pictures of the batch are one, rather than each apart before the mean over pictures.</summary>
    public bool IsOverBatch { get; init; } = true;

    private protected override Tensor Compute(Tensor logits, MaskedTargets masked)
    {
        if (masked.Count > 2)
            throw new FoveaException($"LovaszHinge: found {Counted.Of(masked.Count, "class")}, expected a foreground and a background; LovaszSoftmax takes more");
        var (margins, truth) = masked.Margins(logits);
        var (margin, foreground) = (margins.Squeeze(1), truth.Squeeze(1));
        var errors = (1 - margin * (foreground * 2 - 1)) * masked.Weights;
        if (IsOverBatch)
            (errors, foreground) = (errors.Reshape([1, -1]), foreground.Reshape([1, -1]));
        return JaccardSteps.Extend(errors, foreground).Mean();
    }
}

using Fovea.Torch;

namespace Fovea.Losses;

/// <summary>
/// Cross entropy of sigmoids, −w·g·log σ(z) − (1 − g)·log(1 − σ(z)): of two classes with z the difference of their scores, which
/// without a weight is the softmax cross entropy; of more, each against all others, the mean over classes and then over the pixels
/// that count; or of questions with answers of their own, the mean over all.
/// </summary>
public sealed class BinaryCrossEntropy : IPixelLoss
{
    /// <summary>Pixels with this label count for nothing.</summary>
    public int IgnoreIndex { get; init; } = LabelMap.Ignore;

    /// <summary>w, the weight of what belongs to a class against what does not, above 0.</summary>
    public double PositiveWeight { get; init; } = 1;

    /// <summary>The mean loss, a scalar; 0 with a zero gradient when every label is ignored.</summary>
    /// <param name="logits">The margin of the foreground, <c>[N, 1, ...]</c>, or scores of classes, <c>[N, K, ...]</c>; or margins of questions of any shape.</param>
    /// <param name="targets">Classes, <c>[N, ...]</c> int64 in [0, K), 0 or 1 for a margin, or <see cref="IgnoreIndex"/>; or answers of the logits' shape, float32 from 0 to 1.</param>
    /// <exception cref="FoveaException">The shapes do not fit.</exception>
    public Tensor Compute(Tensor logits, Tensor targets)
    {
        using var scope = new TensorScope();
        if (targets.Dtype.IsFloatingPoint())
        {
            if (targets.Shape != logits.Shape)
                throw new FoveaException($"binary cross entropy: found answers {targets.Shape} for logits {logits.Shape}, expected one for each");
            return scope.Keep(Losses(logits.To(MaskedTargets.TypeFor(logits)), targets).Mean());
        }

        var masked = MaskedTargets.Of(nameof(BinaryCrossEntropy), logits, targets, IgnoreIndex, MaskedTargets.TypeFor(logits));
        var (margins, truth) = masked.Margins(logits);
        return scope.Keep(masked.Mean(Losses(margins, truth).Mean([1])));
    }

    private Tensor Losses(Tensor margins, Tensor truth) => -(margins.LogSigmoid() * truth * PositiveWeight + (-margins).LogSigmoid() * (1 - truth));
}

using Fovea.Torch;

namespace Fovea.Losses;

/// <summary>
/// Cross entropy of sigmoids, −w·g·log σ(z) − (1 − g)·log(1 − σ(z)): of two classes with z the difference of their scores, which
/// without a weight is the softmax cross entropy; of more, each against all others, the mean over classes and then over the pixels
/// that count.
/// </summary>
public sealed class BinaryCrossEntropy : PixelLoss
{
    /// <summary>w, the weight of what belongs to a class against what does not, above 0.</summary>
    public double PositiveWeight { get; init; } = 1;

    private protected override Tensor Compute(Tensor logits, MaskedTargets masked)
    {
        var (margins, truth) = masked.Margins(logits);
        var losses = -(margins.LogSigmoid() * truth * PositiveWeight + (-margins).LogSigmoid() * (1 - truth));
        return masked.Mean(losses.Mean([1]));
    }
}

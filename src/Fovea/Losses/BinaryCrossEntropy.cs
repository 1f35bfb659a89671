using Fovea.Torch;

namespace Fovea.Losses;

/// <summary>
/// Cross entropy of sigmoids, −w·g·log σ(z) − (1 − g)·log(1 − σ(z)): of two classes with z the difference of their scores, which
/// without a weight is the softmax cross entropy; of more, each against all others, the mean over classes and then over the pixels
/// that count; or of questions with answers of their own, the mean over all.
/// </summary>
public sealed class BinaryCrossEntropy : PixelLoss
{
    /// <summary>w, the weight of what belongs to a class against what does not, above 0.</summary>
    public double PositiveWeight { get; init; } = 1;

    /// <summary>The same for each question, <c>[K]</c> for answers <c>[N, K]</c>, beside <see cref="PositiveWeight"/>; null for none.</summary>
    public IReadOnlyList<float>? QuestionWeights { get; init; }

    /// <inheritdoc/>
    /// <param name="logits">The margin of the foreground, <c>[N, 1, ...]</c>, or scores of classes, <c>[N, K, ...]</c>; or margins of questions of any shape.</param>
    /// <param name="targets">Classes, <c>[N, ...]</c> int64 in [0, K), 0 or 1 for a margin, or an ignored label; or answers of the logits' shape, float32 from 0 to 1.</param>
    public override Tensor Compute(Tensor logits, Tensor targets)
    {
        if (!targets.Dtype.IsFloatingPoint())
            return base.Compute(logits, targets);
        if (targets.Shape != logits.Shape)
            throw new FoveaException($"binary cross entropy: found answers {targets.Shape} for logits {logits.Shape}, expected one for each");
        if (QuestionWeights is { } weights && (logits.Rank != 2 || logits.Shape[1] != weights.Count))
            throw new FoveaException($"binary cross entropy: found weights of {weights.Count} questions for logits {logits.Shape}, expected logits [N, {weights.Count}]");
        using var scope = new TensorScope();
        var weighed = QuestionWeights is null ? targets : targets * Tensor.FromArray<float>([.. QuestionWeights]).To(targets.Device, targets.Dtype);
        return scope.Keep(Losses(logits.To(MaskedTargets.TypeFor(logits)), targets, weighed).Mean());
    }

    private protected override Tensor Compute(Tensor logits, MaskedTargets masked)
    {
        if (QuestionWeights is not null)
            throw new FoveaException("binary cross entropy: found weights of questions beside classes of pixels, expected answers of the logits' shape");
        var (margins, truth) = masked.Margins(logits);
        return masked.Mean(Losses(margins, truth, truth).Mean([1]));
    }

    private Tensor Losses(Tensor margins, Tensor truth, Tensor weighed) => -(margins.LogSigmoid() * weighed * PositiveWeight + (-margins).LogSigmoid() * (1 - truth));
}

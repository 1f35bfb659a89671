using Fovea.Torch;

namespace Fovea.Losses;

/// <summary>
/// Softmax cross entropy, −log p of the true class: of images, <c>[N, K]</c> against <c>[N]</c>, or of pixels,
/// <c>[N, K, H, W]</c> against <c>[N, H, W]</c>; also against soft targets of the logits' shape.
/// </summary>
public sealed class CrossEntropy : IPixelLoss
{
    /// <summary>Labels with this value count for nothing, in the loss and in the mean; null when every label counts.</summary>
    public int? IgnoreIndex { get; init; }

    /// <summary>Weight of every class, [K] float32. Null weighs all alike.</summary>
    public IReadOnlyList<float>? ClassWeights { get; init; }

    /// <summary>Share of the target that is spread evenly over all classes, 0 to 1 (Szegedy et al. 2016, section 7).</summary>
    public double LabelSmoothing { get; init; }

    /// <summary>Whether the losses are averaged, and over what, or summed.</summary>
    public LossReduction Reduction { get; init; }

    /// <summary>The mean or summed loss, a scalar; 0 with a zero gradient when every label is ignored.</summary>
    /// <param name="logits">Scores before the softmax, <c>[N, K, ...]</c>.</param>
    /// <param name="targets">Classes <c>[N, ...]</c> int64 in [0, K), or <see cref="IgnoreIndex"/>, or probabilities <c>[N, K, ...]</c>.</param>
    /// <exception cref="FoveaException">The shapes do not fit, or there is not one weight for each class.</exception>
    public Tensor Compute(Tensor logits, Tensor targets)
    {
        using var scope = new TensorScope();
        var classes = logits.Shape[1];
        if (ClassWeights is not null && ClassWeights.Count != classes)
            throw new FoveaException($"cross entropy: found {ClassWeights.Count} class weights, expected {classes}, one for each class");
        var isSoft = targets.Dtype.IsFloatingPoint();
        Shape expected = isSoft ? logits.Shape : [logits.Shape[0], .. logits.Shape.Span[2..]];
        if (targets.Shape != expected)
            throw new FoveaException($"cross entropy: found targets {targets.Shape} for logits {logits.Shape}, expected {expected}");
        var scores = logits.Dtype is Dtype.BFloat16 or Dtype.Float16 ? logits.To(Dtype.Float32) : logits;
        var weights = ClassWeights is null ? null : Tensor.FromArray<float>([.. ClassWeights]).To(scores.Device, scores.Dtype);
        var ignore = IgnoreIndex ?? long.MinValue;
        // The mean over no labels would be 0/0.
        var isEmpty = !isSoft && IgnoreIndex is not null && !targets.Ne(ignore).Any().ToBoolean();
        const int mean = 1, sum = 2;
        var loss = scores.CrossEntropyLoss(targets, weights, isEmpty || Reduction != LossReduction.Mean ? sum : mean, ignore, LabelSmoothing);
        return scope.Keep(Reduction == LossReduction.PixelMean ? loss / Counted(scores, targets, isSoft ? null : ignore) : loss);
    }

    /// <summary>
    /// The mean or summed loss with a weight for every pixel (such as U-Net's border weights), a scalar; 0 with a zero gradient when
    /// nothing counts.
    /// </summary>
    /// <param name="logits">Scores before the softmax, <c>[N, K, ...]</c>.</param>
    /// <param name="targets">Classes <c>[N, ...]</c> int64 in [0, K), or <see cref="IgnoreIndex"/>.</param>
    /// <param name="pixelWeights">Weights of at least 0, <c>[N, ...]</c>; those of classes are multiplied to them.</param>
    /// <exception cref="FoveaException">The shapes do not fit, or there is not one weight for each class.</exception>
    public Tensor Compute(Tensor logits, Tensor targets, Tensor pixelWeights)
    {
        using var scope = new TensorScope();
        if (pixelWeights.Shape != targets.Shape)
            throw new FoveaException($"cross entropy: found pixel weights {pixelWeights.Shape} for labels {targets.Shape}, expected a weight for each pixel");
        if (ClassWeights is not null && ClassWeights.Count != logits.Shape[1])
            throw new FoveaException($"cross entropy: found {ClassWeights.Count} class weights, expected {logits.Shape[1]}, one for each class");
        // No label is negative: with nothing to ignore everything counts.
        var masked = MaskedTargets.Of("cross entropy", logits, targets, IgnoreIndex ?? int.MinValue, MaskedTargets.TypeFor(logits));
        var classWeights = ClassWeights is null ? null : Tensor.FromArray<float>([.. ClassWeights]).To(logits.Device, masked.Weights.Dtype);
        const int none = 0;
        var losses = MaskedTargets.Flatten(logits).CrossEntropyLoss(masked.Classes, classWeights, none, labelSmoothing: LabelSmoothing);
        var weights = pixelWeights.To(masked.Weights.Dtype).Reshape(masked.Weights.Shape) * masked.Weights;
        var sum = (losses * weights).Sum();
        if (Reduction == LossReduction.Sum)
            return scope.Keep(sum);
        if (Reduction == LossReduction.PixelMean)
            return scope.Keep(sum / masked.Weights.Sum().ClampMin(1));
        var used = classWeights is null ? weights : weights * classWeights.IndexSelect(0, masked.Classes.Flatten()).View(weights.Shape);
        var total = used.Sum();
        // Where nothing counts the sum is 0 already.
        return scope.Keep(sum / Aten.Where(total.Gt(0), total, 1));
    }

    // Those that count; at least 1, since the sum over none is 0 already.
    private static Tensor Counted(Tensor scores, Tensor targets, long? ignore) => ignore is { } value
        ? targets.Ne(value).Sum().ClampMin(1).To(scores.Dtype)
        : Tensor.Full([], scores.Count / scores.Shape[1], scores.Dtype, scores.Device);
}

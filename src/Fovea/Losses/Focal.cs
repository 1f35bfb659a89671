using Fovea.Torch;

namespace Fovea.Losses;

/// <summary>
/// Focal loss (Lin et al. 2017): −w·(1 − p)^γ·log p of the true class, the mean or the sum over the pixels that count; of a softmax, or of
/// sigmoids as in the paper. Of two classes with weights 1 − α and α the softmax form is the sigmoid form.
/// </summary>
public sealed class Focal : PixelLoss
{
    /// <summary>γ: how much less pixels count that are nearly right; 0 gives the cross entropy.</summary>
    public double Gamma { get; init; } = 2;

    /// <summary>w of every class, [K], of the softmax form; the mean divides by the number of pixels all the same. Null weighs all alike.</summary>
    public IReadOnlyList<float>? ClassWeights { get; init; }

    /// <summary>Whether each class has a sigmoid of its own, as in <see cref="BinaryCrossEntropy"/>; then the mean over classes is taken first.</summary>
    public bool IsSigmoid { get; init; }

    /// <summary>α of the sigmoid form: w of what belongs to a class, 1 − α of what does not; null weighs both alike.</summary>
    public double? Alpha { get; init; }

    /// <summary>
    /// Of the sigmoid form: p is kept from this to 1 less this, as some code has it to save its logarithm. Pixels beyond have no gradient;
    /// 0, which needs no such thing, unless results of such code are to be had again.
    /// </summary>
    public double Clip { get; init; }

    /// <summary>Whether the losses are averaged, over the pixels that count whatever these weigh, or summed. The sum is far greater than losses of regions, beside which the mean belongs.</summary>
    public LossReduction Reduction { get; init; }

    private protected override Tensor Compute(Tensor logits, MaskedTargets masked)
    {
        var losses = IsSigmoid ? OfSigmoids(masked, logits) : OfSoftmax(masked, logits);
        return Reduction == LossReduction.Sum ? (losses * masked.Weights).Sum() : masked.Mean(losses);
    }

    private Tensor OfSoftmax(MaskedTargets masked, Tensor logits)
    {
        var losses = Weigh(masked.Pick(MaskedTargets.Flatten(logits).LogSoftmax(1)));
        if (ClassWeights is null)
            return losses;
        if (ClassWeights.Count != masked.Count)
            throw new FoveaException($"Focal: found {ClassWeights.Count} class weights, expected {masked.Count}, one for each class");
        return losses * Tensor.FromArray<float>([.. ClassWeights]).To(losses.Device, losses.Dtype).IndexSelect(0, masked.Classes.Flatten()).View(losses.Shape);
    }

    private Tensor OfSigmoids(MaskedTargets masked, Tensor logits)
    {
        var (margins, truth) = masked.Margins(logits);
        var signed = margins * (truth * 2 - 1);
        var losses = Weigh(Clip > 0 ? signed.Sigmoid().Clamp(Clip, 1 - Clip).Log() : signed.LogSigmoid());
        return (Alpha is { } alpha ? losses * (truth * (2 * alpha - 1) + (1 - alpha)) : losses).Mean([1]);
    }

    // 1 − p to all its digits where p is nearly 1.
    private Tensor Weigh(Tensor logarithm) => Gamma == 0 ? -logarithm : -logarithm * (-logarithm.Expm1()).Pow(Gamma);
}

using Fovea.Torch;

namespace Fovea.Losses;

/// <summary>
/// Focal loss of a softmax (Lin et al. 2017): −w·(1 − p)^γ·log p of the true class, the mean over the pixels that count. Of two
/// classes with weights 1 − α and α it is the sigmoid form.
/// </summary>
public sealed class Focal : IPixelLoss
{
    /// <summary>Pixels with this label count for nothing.</summary>
    public int IgnoreIndex { get; init; } = LabelMap.Ignore;

    /// <summary>γ: how much less pixels count that are nearly right; 0 gives the cross entropy.</summary>
    public double Gamma { get; init; } = 2;

    /// <summary>w of every class, [K]; the mean divides by the number of pixels all the same. Null weighs all alike.</summary>
    public IReadOnlyList<float>? ClassWeights { get; init; }

    /// <summary>The mean loss, a scalar; 0 with a zero gradient when every label is ignored.</summary>
    /// <param name="logits">Scores before the softmax, <c>[N, K, ...]</c>.</param>
    /// <param name="targets">Classes, <c>[N, ...]</c> int64 in [0, K) or <see cref="IgnoreIndex"/>.</param>
    /// <exception cref="FoveaException">The shapes do not fit, or there is not one weight for each class.</exception>
    public Tensor Compute(Tensor logits, Tensor targets)
    {
        using var scope = new TensorScope();
        var masked = MaskedTargets.Of(nameof(Focal), logits, targets, IgnoreIndex, MaskedTargets.TypeFor(logits));
        var logarithm = masked.Pick(MaskedTargets.Flatten(logits).LogSoftmax(1));
        var losses = -logarithm;
        // 1 − p to all its digits where p is nearly 1.
        if (Gamma != 0)
            losses = losses * (-logarithm.Expm1()).Pow(Gamma);
        if (ClassWeights is not null)
        {
            if (ClassWeights.Count != masked.Count)
                throw new FoveaException($"Focal: found {ClassWeights.Count} class weights, expected {masked.Count}, one for each class");
            losses = losses * Tensor.FromArray<float>([.. ClassWeights]).To(losses.Device, losses.Dtype).IndexSelect(0, masked.Classes.Flatten()).View(losses.Shape);
        }

        return scope.Keep(masked.Mean(losses));
    }
}

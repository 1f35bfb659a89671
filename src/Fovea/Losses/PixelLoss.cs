using Fovea.Torch;

namespace Fovea.Losses;

/// <summary>
/// What losses share that compare scores with the true class of every pixel: labels that are ignored have no part in any sum, no part in the
/// number that a mean divides by, and no gradient.
/// </summary>
public abstract class PixelLoss : IPixelLoss
{
    private protected PixelLoss()
    {
    }

    /// <summary>Pixels with this label count for nothing.</summary>
    public int IgnoreIndex { get; init; } = LabelMap.Ignore;

    /// <summary>The loss, a scalar; 0 with a zero gradient when every label is ignored.</summary>
    /// <param name="logits">
    /// Scores before the softmax, <c>[N, K, ...]</c>; losses of sigmoids also take the margin of the foreground, <c>[N, 1, ...]</c>, and those
    /// of distances nothing but pictures, <c>[N, K, H, W]</c>.
    /// </param>
    /// <param name="targets">Classes, <c>[N, ...]</c> int64 in [0, K), 0 or 1 for a margin, or <see cref="IgnoreIndex"/>.</param>
    /// <exception cref="FoveaException">The shapes do not fit, or the number of classes is none that the loss can take.</exception>
    public virtual Tensor Compute(Tensor logits, Tensor targets)
    {
        using var scope = new TensorScope();
        return scope.Keep(Compute(logits, MaskedTargets.Of(GetType().Name, logits, targets, IgnoreIndex, MaskedTargets.TypeFor(logits))));
    }

    /// <summary>The loss, a scalar, in a scope that is open.</summary>
    private protected abstract Tensor Compute(Tensor logits, MaskedTargets masked);
}

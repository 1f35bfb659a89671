using Fovea.Torch;

namespace Fovea.Losses;

/// <summary>A loss between scores and the true class of every pixel.</summary>
public interface IPixelLoss
{
    /// <summary>The loss, a scalar.</summary>
    /// <param name="logits">Scores before the softmax, <c>[N, K, ...]</c>.</param>
    /// <param name="targets">Classes, <c>[N, ...]</c> int64 in [0, K), or the value that is ignored.</param>
    /// <exception cref="FoveaException">The shapes do not fit.</exception>
    Tensor Compute(Tensor logits, Tensor targets);
}

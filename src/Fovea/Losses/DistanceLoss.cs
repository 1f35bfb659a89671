using Fovea.Torch;

namespace Fovea.Losses;

/// <summary>
/// What losses share that weigh a probability by distances in the picture: for each class the mean over the pixels that count, then the
/// mean over classes and pictures.
/// </summary>
public abstract class DistanceLoss : IPixelLoss
{
    private protected DistanceLoss()
    {
    }

    /// <summary>Pixels with this label count for nothing; to distances they belong to no class.</summary>
    public int IgnoreIndex { get; init; } = LabelMap.Ignore;

    /// <summary>Whether class 0 takes part; of two classes it would say the same once more.</summary>
    public bool IncludesBackground { get; init; }

    /// <summary>The loss, a scalar; 0 with a zero gradient when every label is ignored.</summary>
    /// <param name="logits">Scores before the softmax, <c>[N, K, H, W]</c>.</param>
    /// <param name="targets">Classes, <c>[N, H, W]</c> int64 in [0, K) or <see cref="IgnoreIndex"/>.</param>
    /// <exception cref="FoveaException">The shapes do not fit, or class 0 is left out and there is no other.</exception>
    public Tensor Compute(Tensor logits, Tensor targets)
    {
        using var scope = new TensorScope();
        var name = GetType().Name;
        var masked = MaskedTargets.Of(name, logits, targets, IgnoreIndex, MaskedTargets.TypeFor(logits));
        if (logits.Rank != 4)
            throw new FoveaException($"{name}: found logits {logits.Shape}, expected [N, K, H, W]: distances are those of a picture");
        if (!IncludesBackground && masked.Count < 2)
            throw new FoveaException($"{name}: found one class, expected two or more where the background takes no part");
        var (probabilities, truth) = (MaskedTargets.Flatten(logits).Softmax(1), masked.OneHot());
        if (!IncludesBackground)
            (probabilities, truth) = (probabilities[.., 1..], truth[.., 1..]);
        Shape shape = [probabilities.Shape[0], probabilities.Shape[1], .. logits.Shape.Span[2..]];
        var counted = masked.Weights.Unsqueeze(1).Expand(probabilities.Shape);
        var losses = PerPixel(probabilities.Reshape(shape), truth.Reshape(shape), counted.Reshape(shape)).Reshape(probabilities.Shape);
        return scope.Keep(masked.Mean(losses.Mean([1])));
    }

    /// <summary>The loss of every pixel and class, all of <c>[N, C, H, W]</c>.</summary>
    private protected abstract Tensor PerPixel(Tensor probabilities, Tensor truth, Tensor counted);
}

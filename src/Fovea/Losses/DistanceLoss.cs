using Fovea.Torch;

namespace Fovea.Losses;

/// <summary>
/// What losses share that weigh a probability by distances in the picture: for each class the mean over the pixels that count, then the
/// mean over classes and pictures. To distances, ignored pixels belong to no class.
/// </summary>
public abstract class DistanceLoss : PixelLoss
{
    private protected DistanceLoss()
    {
    }

    /// <summary>Whether class 0 takes part; of two classes it would say the same once more.</summary>
    public bool IncludesBackground { get; init; }

    private protected override Tensor Compute(Tensor logits, MaskedTargets masked)
    {
        if (logits.Rank != 4)
            throw new FoveaException($"{GetType().Name}: found logits {logits.Shape}, expected [N, K, H, W]: distances are those of a picture");
        if (!IncludesBackground && masked.Count < 2)
            throw new FoveaException($"{GetType().Name}: found one class, expected two or more where the background takes no part");
        var (probabilities, truth) = (MaskedTargets.Flatten(logits).Softmax(1), masked.OneHot());
        if (!IncludesBackground)
            (probabilities, truth) = (probabilities[.., 1..], truth[.., 1..]);
        Shape shape = [probabilities.Shape[0], probabilities.Shape[1], .. logits.Shape.Span[2..]];
        var counted = masked.Weights.Unsqueeze(1).Expand(probabilities.Shape);
        var losses = PerPixel(probabilities.Reshape(shape), truth.Reshape(shape), counted.Reshape(shape)).Reshape(probabilities.Shape);
        return masked.Mean(losses.Mean([1]));
    }

    /// <summary>The loss of every pixel and class, all of <c>[N, C, H, W]</c>.</summary>
    private protected abstract Tensor PerPixel(Tensor probabilities, Tensor truth, Tensor counted);
}

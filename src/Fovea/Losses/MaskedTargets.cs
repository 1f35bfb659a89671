using Fovea.Torch;

namespace Fovea.Losses;

/// <summary>
/// True classes as every loss of pixels sees them, pixels in one dimension. An ignored label is no index: it becomes a valid
/// one, and its weight of 0 takes it out again. Its tensors belong to the open scope.
/// </summary>
/// <param name="Classes">The class of each pixel, 0 where ignored, <c>[N, P]</c> int64.</param>
/// <param name="Weights">1 for pixels that count and 0 for others, <c>[N, P]</c>.</param>
/// <param name="Count">Number of classes, K.</param>
internal sealed record MaskedTargets(Tensor Classes, Tensor Weights, long Count)
{
    /// <summary>Checks and masks the targets.</summary>
    /// <param name="loss">What to call the loss in messages.</param>
    /// <param name="logits"><c>[N, K, ...]</c>.</param>
    /// <param name="targets"><c>[N, ...]</c>.</param>
    /// <param name="ignored">The label that counts for nothing.</param>
    /// <param name="dtype">Type of the weights.</param>
    public static MaskedTargets Of(string loss, Tensor logits, Tensor targets, int ignored, Dtype dtype)
    {
        if (logits.Rank < 2)
            throw new FoveaException($"{loss}: found logits {logits.Shape}, expected [N, K, ...]");
        Shape expected = [logits.Shape[0], .. logits.Shape.Span[2..]];
        if (targets.Shape != expected || targets.Dtype != Dtype.Int64)
            throw new FoveaException($"{loss}: found labels {targets.Shape} of {targets.Dtype} for logits {logits.Shape}, expected {expected} of {Dtype.Int64}");
        var flat = targets.Reshape([logits.Shape[0], -1]);
        var counted = flat.Ne(ignored);
        return new MaskedTargets(Aten.Where(counted, flat, 0), counted.To(dtype), logits.Shape[1]);
    }

    /// <summary>Scores as <c>[N, K, P]</c> in a type that sums can be had in.</summary>
    public static Tensor Flatten(Tensor logits) => logits.To(TypeFor(logits)).Reshape([logits.Shape[0], logits.Shape[1], -1]);

    /// <summary>float64 as it is, everything else float32.</summary>
    public static Dtype TypeFor(Tensor logits) => logits.Dtype == Dtype.Float64 ? Dtype.Float64 : Dtype.Float32;

    /// <summary>The value of each pixel's own class, of <c>[N, K, P]</c>; <c>[N, P]</c>.</summary>
    public Tensor Pick(Tensor values) => values.Gather(1, Classes.Unsqueeze(1)).Squeeze(1);

    /// <summary>Sums of a value of each pixel over the pixels of each class, <c>[N, K]</c>.</summary>
    public Tensor SumByClass(Tensor values) => Tensor.Zeros([values.Shape[0], Count], values.Dtype, values.Device).ScatterAdd(1, Classes, values);

    /// <summary>1 where a pixel counts and has this class, else 0, <c>[N, P]</c>.</summary>
    public Tensor Is(long label) => Classes.Eq(label).To(Weights.Dtype) * Weights;

    /// <summary>1 for the class of each pixel that counts, else 0, <c>[N, K, P]</c>.</summary>
    public Tensor OneHot() => Tensor.Zeros([Classes.Shape[0], Count, Classes.Shape[1]], Weights.Dtype, Weights.Device).Scatter(1, Classes.Unsqueeze(1), Weights.Unsqueeze(1));

    /// <summary>
    /// Classes as sigmoids see them, <c>[N, C, P]</c>: of one score the foreground's margin, of two their difference, of more each class
    /// against all others; with 1 where a pixel counts and has the class.
    /// </summary>
    public (Tensor Margins, Tensor Truth) Margins(Tensor logits)
    {
        var scores = Flatten(logits);
        return Count switch
        {
            1 => (scores, Is(1).Unsqueeze(1)),
            2 => (scores[.., 1..] - scores[.., ..1], Is(1).Unsqueeze(1)),
            _ => (scores, OneHot()),
        };
    }

    /// <summary>The mean of a value over the pixels that count, 0 when there are none.</summary>
    public Tensor Mean(Tensor values) => (values * Weights).Sum() / Weights.Sum().ClampMin(1);
}

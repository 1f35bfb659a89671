using Fovea.Torch;

namespace Fovea.Losses;

/// <summary>
/// The Lovász-Softmax loss (Berman, Rannen Triki, Blaschko, CVPR 2018): a convex extension of 1 − IoU to probabilities, for
/// each class over the errors |g − p| of the pixels that count, then the mean over classes.
/// </summary>
public sealed class LovaszSoftmax : PixelLoss
{
    /// <summary>Whether classes without a pixel take part, rather than only those present.</summary>
    public bool IncludesAbsentClasses { get; init; }

    /// <summary>Whether all pictures of the batch are one, rather than each apart before the mean over pictures.</summary>
    public bool IsOverBatch { get; init; } = true;

    private protected override Tensor Compute(Tensor logits, MaskedTargets masked)
    {
        var probabilities = MaskedTargets.Flatten(logits).Softmax(1);
        // One class after the other: sorting needs several copies of what it sorts.
        var losses = new Tensor[masked.Count];
        var shares = new Tensor[masked.Count];
        for (var label = 0; label < losses.Length; label++)
        {
            var foreground = masked.Is(label);
            var errors = (foreground - probabilities[.., label]).Abs() * masked.Weights;
            if (IsOverBatch)
                (errors, foreground) = (errors.Reshape([1, -1]), foreground.Reshape([1, -1]));
            shares[label] = (IncludesAbsentClasses ? masked.Weights.Any().Expand([errors.Shape[0]]) : foreground.Any(1)).To(errors.Dtype);
            losses[label] = JaccardSteps.Extend(errors, foreground) * shares[label];
        }

        var counts = Aten.Stack(shares).Sum([0]).ClampMin(1);
        return (Aten.Stack(losses).Sum([0]) / counts).Mean();
    }
}

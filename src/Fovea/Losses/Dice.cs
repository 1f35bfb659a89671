using Fovea.Torch;

namespace Fovea.Losses;

/// <summary>
/// Soft Dice loss of a softmax over classes (Milletari et al. 2016; Sørensen–Dice): for each class 1 − (2·Σpg + s)/(Σp + Σg + s)
/// over the pixels that count, then the mean over classes.
/// </summary>
public sealed class Dice() : RegionLoss(smooth: 1)
{
    /// <summary>Whether the sums in the denominator are of squares (V-Net).</summary>
    public bool IsSquared { get; init; }

    private protected override bool SumsSquares => IsSquared;

    private protected override Tensor Combine(Tensor intersection, Tensor truth, Tensor predicted) => AverageDice(intersection, truth, predicted);
}

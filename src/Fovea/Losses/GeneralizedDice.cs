using Fovea.Torch;

namespace Fovea.Losses;

/// <summary>
/// Generalised Dice (Sudre et al. 2017): 1 − (2·Σ w·I + s) / (Σ w·(Σp + Σg) + s), both sums over classes, with w = 1 / (Σg)², so that a
/// class counts as much however few pixels it has; s is 0 as in the paper.
/// </summary>
public sealed class GeneralizedDice() : RegionLoss(smooth: 0)
{
    // A class without a pixel would have an infinite weight: it gets the greatest of the others, or none.
    private protected override Tensor Combine(Tensor intersection, Tensor truth, Tensor predicted)
    {
        var isPresent = truth.Gt(0);
        var weights = Aten.Where(isPresent, truth, 1).Square().Reciprocal() * isPresent;
        if (!SkipsAbsentClasses)
            weights = Aten.Where(isPresent, weights, weights.Amax([1], true));
        var sums = (weights * (truth + predicted)).Sum([1]) + Smooth;
        return ((weights * (truth + predicted - intersection * 2)).Sum([1]) / sums.ClampMin(Tiny)).Mean();
    }
}

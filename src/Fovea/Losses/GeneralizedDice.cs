using Fovea.Torch;

namespace Fovea.Losses;

/// <summary>
/// Generalised Dice (Sudre et al. 2017): 1 − 2·Σ w·I / Σ w·(Σp + Σg), both sums over classes, with w = 1 / (Σg)², so that a class
/// counts as much however few pixels it has.
/// </summary>
public sealed class GeneralizedDice : RegionLoss
{
    // A class without a pixel would have an infinite weight: it gets the greatest of the others, or none.
    private protected override Tensor Combine(Tensor intersection, Tensor truth, Tensor predicted)
    {
        var isPresent = truth.Gt(0);
        var weights = Aten.Where(isPresent, truth, 1).Square().Reciprocal() * isPresent;
        if (!SkipsAbsentClasses)
            weights = Aten.Where(isPresent, weights, weights.Amax([1], true));
        var sums = (weights * (truth + predicted)).Sum([1]);
        return ((weights * (truth + predicted - intersection * 2)).Sum([1]) / sums.ClampMin(Tiny)).Mean();
    }
}

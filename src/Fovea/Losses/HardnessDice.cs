using Fovea.Torch;

namespace Fovea.Losses;

/// <summary>
/// Hardness-weighted Dice (Wang et al. 2019, "Automatic segmentation of vestibular schwannoma"): each pixel of the three sums weighs
/// w = λ·|p − g| + 1 − λ, so that those count more that are wrong: for each class 1 − (2·Σwpg + s)/(Σwp + Σwg + s), then the mean over classes.
/// </summary>
public sealed class HardnessDice() : RegionLoss(DefaultSmooth)
{
    /// <summary>The <see cref="RegionLoss.Smooth"/> that the loss is created with.</summary>
    public const double DefaultSmooth = 1e-5;

    /// <summary>λ, 0 to 1: 0 is Dice.</summary>
    public double Hardness { get; init; } = 0.6;

    /// <summary>Whether the weights are constants to the gradient.</summary>
    public bool DetachesWeights { get; init; }

    private protected override (Tensor Intersection, Tensor Truth, Tensor Predicted) Sums(MaskedTargets masked, Tensor probabilities)
    {
        var truth = masked.OneHot();
        var weights = (probabilities - truth).Abs() * Hardness + (1 - Hardness);
        weights = (DetachesWeights ? weights.Detach() : weights) * masked.Weights.Unsqueeze(1);
        return ((weights * probabilities * truth).Sum([2]), (weights * truth).Sum([2]), (weights * probabilities).Sum([2]));
    }

    private protected override Tensor Combine(Tensor intersection, Tensor truth, Tensor predicted) => AverageDice(intersection, truth, predicted);
}

using Fovea.Torch;

namespace Fovea.Losses;

/// <summary>
/// Tversky loss (Salehi et al. 2017): for each class 1 − T with T = (I + s)/(I + α·FN + β·FP + s), I = Σpg, FN = Σ(1 − p)g,
/// FP = Σp(1 − g); with α = β = ½ it is Dice. An exponent makes it the focal Tversky loss, (1 − T)^γ (Abraham &amp; Khan 2019).
/// </summary>
public sealed class Tversky() : RegionLoss(DefaultSmooth)
{
    /// <summary>The <see cref="RegionLoss.Smooth"/> that the loss is created with: it only keeps 0/0 away.</summary>
    public const double DefaultSmooth = 1e-7;

    /// <summary>α, the weight of what was missed.</summary>
    public double MissWeight { get; init; } = 0.7;

    /// <summary>β, the weight of what was found wrongly.</summary>
    public double FalseAlarmWeight { get; init; } = 0.3;

    /// <summary>γ, positive: below 1 it stresses classes that are nearly right, above 1 those that are wrong.</summary>
    public double Exponent { get; init; } = 1;

    private protected override Tensor Combine(Tensor intersection, Tensor truth, Tensor predicted)
    {
        var wrong = (truth - intersection) * MissWeight + (predicted - intersection) * FalseAlarmWeight;
        var losses = wrong / (intersection + wrong + Smooth).ClampMin(Tiny);
        // A root has no slope at 0.
        return Average(Exponent == 1 ? losses : losses.ClampMin(Tiny).Pow(Exponent), truth);
    }
}

using Fovea.Torch;

namespace Fovea.Losses;

/// <summary>
/// Soft intersection over union (Rahman &amp; Wang 2016): for each class 1 − (Σpg + s)/(Σp + Σg − Σpg + s) over the pixels that
/// count, then the mean over classes.
/// </summary>
public sealed class Jaccard : RegionLoss
{
    private protected override Tensor PerClass(Tensor intersection, Tensor truth, Tensor predicted) =>
        (truth + predicted - intersection * 2) / (truth + predicted - intersection + Smooth).ClampMin(Tiny);
}

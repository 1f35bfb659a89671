using Fovea.Torch;

namespace Fovea.Losses;

/// <summary>
/// The boundary loss (Kervadec et al. 2019): the mean of p·φ, where φ is the distance to the true region outside it and 1 less the
/// distance to its outside inside; 0 where the picture has no pixel of the class or no other. It is below 0 for a good prediction and says
/// nothing to a region that is missed, so that it is mixed with a region loss, its weight rising.
/// </summary>
public sealed class BoundaryLoss : DistanceLoss
{
    private protected override Tensor PerPixel(Tensor probabilities, Tensor truth, Tensor counted) =>
        probabilities * DistanceFields.Of(truth, DistanceFields.Signed);
}

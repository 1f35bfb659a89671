using Fovea.Torch;

namespace Fovea.Losses;

/// <summary>
/// The Hausdorff loss by distance transforms (Karimi &amp; Salcudean 2019, equation 8): the mean of (p − g)²·(d_p^α + d_g^α), where d is the
/// distance to the border of the predicted region (p above ½) and of the true one; 0 for a region that is empty or everything.
/// </summary>
public sealed class HausdorffLoss : DistanceLoss
{
    /// <summary>α, above 0: how much more far errors cost.</summary>
    public double Power { get; init; } = 2;

    /// <summary>Whether distances are those to the border from both sides; otherwise they are 0 outside a region.</summary>
    public bool IsTwoSided { get; init; } = true;

    private protected override Tensor PerPixel(Tensor probabilities, Tensor truth, Tensor counted)
    {
        DistanceFields.Field field = IsTwoSided ? DistanceFields.TwoSided : DistanceFields.Inside;
        var predicted = probabilities.Detach().Gt(0.5).To(probabilities.Dtype) * counted;
        var distances = DistanceFields.Of(predicted, field).Pow(Power) + DistanceFields.Of(truth, field).Pow(Power);
        return (probabilities - truth).Square() * distances;
    }
}

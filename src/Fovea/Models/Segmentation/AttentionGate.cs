using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Models.Segmentation;

/// <summary>
/// The additive gate of Attention U-Net (Oktay et al. 2018, figure 2): the map from below says which pixels of the skip are let
/// through, so that the way down need not be searched for the organ first. Keys <c>W_g</c>, <c>W_x</c>, <c>psi</c>.
/// </summary>
internal sealed class AttentionGate : SingleOutputModule
{
    private readonly Sequential fromBelow;
    private readonly Sequential fromSkip;
    private readonly ReLU relu = new(inPlace: true);
    private readonly Sequential share;

    /// <summary>Creates the gate.</summary>
    /// <param name="channels">Channels of both maps; half of them between.</param>
    /// <param name="norm">What follows the three 1x1 convolutions.</param>
    public AttentionGate(int channels, NormKind norm = NormKind.Batch)
    {
        var inner = channels / 2;
        fromBelow = Child("W_g", new Sequential(new Conv2d(channels, inner, 1), norm.Of(inner)));
        fromSkip = Child("W_x", new Sequential(new Conv2d(channels, inner, 1), norm.Of(inner)));
        share = Child("psi", new Sequential(new Conv2d(inner, 1, 1), norm.Of(1), new Sigmoid()));
    }

    /// <summary>What is let through of a skip.</summary>
    /// <param name="below">The map from below, enlarged to the skip's size.</param>
    /// <param name="skip">The map of the way down.</param>
    public Tensor Apply(Tensor below, Tensor skip) =>
        Observed(below, _ => skip.Mul(share.Consume(relu.Consume(fromBelow.Forward(below).Add(fromSkip.Forward(skip))))));
}

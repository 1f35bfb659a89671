using Fovea.Torch;

namespace Fovea.Explain;

/// <summary>
/// Not Just a Black Box (Shrikumar, Greenside, Shcherbina, Kundaje, 2016): x·∂S/∂x, each pixel's share of the score as if the network were
/// linear. In a network of convolutions without bias, ReLUs and max pools the shares add up to the score.
/// </summary>
public static class GradientTimesInput
{
    /// <summary>The shares, <c>[C, H, W]</c>, in the caller's scope.</summary>
    public static Tensor Shares(Subject subject)
    {
        using var scope = new TensorScope();
        return scope.Keep((InputGradient.Of(subject, subject.Images) * subject.Images)[0]);
    }
}

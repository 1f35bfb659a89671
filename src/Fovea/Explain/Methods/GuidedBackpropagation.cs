using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Explain;

/// <summary>
/// Striving for Simplicity (Springenberg, Dosovitskiy, Brox, Riedmiller, ICLR workshop 2015), section 3.4: the gradient by the pixels,
/// of which every rectifier lets through only what is positive and where it was open; what remains shows what speaks for the score.
/// </summary>
public static class GuidedBackpropagation
{
    /// <summary>The guided gradient, <c>[C, H, W]</c>, in the caller's scope.</summary>
    /// <exception cref="FoveaException">The network has no rectifier.</exception>
    public static Tensor Gradient(Subject subject)
    {
        using var scope = new TensorScope();
        return scope.Keep(InputGradient.Of(subject, subject.Images, RectifierRule.Guided)[0]);
    }
}

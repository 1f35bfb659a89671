using Fovea.Torch;

namespace Fovea.Explain;

/// <summary>
/// Deep Inside Convolutional Networks (Simonyan, Vedaldi, Zisserman, ICLR workshop 2014), section 3: which pixels the score would
/// change with most, M = max over channels of |∂S/∂x|.
/// </summary>
public static class Saliency
{
    /// <summary>The map, <c>[H, W]</c>, in the caller's scope.</summary>
    public static Tensor Map(Subject subject)
    {
        using var scope = new TensorScope();
        return scope.Keep(OfGradient(InputGradient.Of(subject, subject.Images))[0]);
    }

    /// <summary>The largest absolute value over the channels, <c>[N, C, H, W]</c> to <c>[N, H, W]</c>.</summary>
    internal static Tensor OfGradient(Tensor gradient) => gradient.Abs().Amax([1]);
}

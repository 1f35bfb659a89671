using Fovea.Torch;

namespace Fovea.Explain;

/// <summary>
/// Axiomatic Attribution for Deep Networks (Sundararajan, Taly, Yan, ICML 2017), equation 1: gradients along the straight way from a
/// picture without content to the picture, averaged and multiplied by the difference. The shares add up to the score less that of the
/// empty picture (completeness).
/// </summary>
public static class IntegratedGradients
{
    private const int BatchSize = 8;

    /// <summary>The shares, <c>[C, H, W]</c>, in the caller's scope.</summary>
    /// <param name="subject">What is asked.</param>
    /// <param name="steps">Points on the way, at the middle of as many pieces.</param>
    /// <param name="baseline">The picture without content, <c>[1, C, H, W]</c> normalised; the mean colour when null.</param>
    public static Tensor Shares(Subject subject, int steps = 32, Tensor? baseline = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1);
        using var scope = new TensorScope();
        var start = baseline ?? subject.Images.ZerosLike();
        var way = subject.Images - start;
        var total = subject.Images.ZerosLike();
        for (var first = 0; first < steps; first += BatchSize)
        {
            using var part = new TensorScope();
            var at = Enumerable.Range(first, Math.Min(BatchSize, steps - first)).Select(i => (i + 0.5) / steps);
            var points = Aten.Cat([.. at.Select(share => start + way * share)]);
            total.AddInPlace(InputGradient.Of(subject, points).Sum([0], keepdim: true));
        }

        return scope.Keep((way * total / steps)[0]);
    }
}

using Fovea.Torch;

namespace Fovea.Explain;

/// <summary>
/// SmoothGrad: removing noise by adding noise (Smilkov, Thorat, Kim, Viégas, Wattenberg, 2017): the gradient averaged over noisy copies
/// of the picture, then as in <see cref="Saliency"/>.
/// </summary>
public static class SmoothGrad
{
    private const int BatchSize = 8;

    /// <summary>The map, <c>[H, W]</c>, in the caller's scope. The noise is drawn from the library's random state.</summary>
    /// <param name="subject">What is asked.</param>
    /// <param name="samples">Noisy copies.</param>
    /// <param name="noise">Standard deviation of the noise as a share of the picture's range.</param>
    public static Tensor Map(Subject subject, int samples = 24, double noise = 0.15)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(samples, 1);
        using var scope = new TensorScope();
        var deviation = noise * (subject.Images.Max() - subject.Images.Min()).ToDouble();
        var total = subject.Images.ZerosLike();
        for (var first = 0; first < samples; first += BatchSize)
        {
            using var part = new TensorScope();
            long[] shape = [Math.Min(BatchSize, samples - first), .. subject.Images.Shape.ToArray()[1..]];
            var copies = subject.Images + Tensor.Randn(shape).To(subject.Images.Device, subject.Images.Dtype) * deviation;
            total.AddInPlace(InputGradient.Of(subject, copies).Sum([0], keepdim: true));
        }

        return scope.Keep(Saliency.OfGradient(total / samples)[0]);
    }
}

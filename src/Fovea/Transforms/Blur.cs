using Fovea.Imaging;

namespace Fovea.Transforms;

/// <summary>Smooths with a Gaussian; beyond the edge the picture is mirrored without repeating its last pixel.</summary>
public sealed class Blur : PhotometricTransform
{
    private readonly int kernelSize;

    /// <summary>Creates the blur.</summary>
    /// <param name="sigma">Standard deviation of the Gaussian, pixels; above 0.</param>
    /// <param name="kernelSize">Width of the kernel, odd; null for three standard deviations on either side.</param>
    public Blur(double sigma, int? kernelSize = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(sigma);
        Sigma = sigma;
        this.kernelSize = kernelSize ?? 2 * (int)Math.Ceiling(3 * sigma) + 1;
    }

    /// <summary>Standard deviation of the Gaussian, pixels.</summary>
    public double Sigma { get; }

    private protected override Image Change(Image image) => image.GaussianBlur(Sigma, kernelSize);
}

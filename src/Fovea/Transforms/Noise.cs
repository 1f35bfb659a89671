using Fovea.Imaging;
using Fovea.Transforms.Kernels;

namespace Fovea.Transforms;

/// <summary>Adds Gaussian noise to every channel of every pixel.</summary>
/// <param name="standardDeviation">In grey levels of 0 to 255.</param>
/// <param name="seed">Start of the noise: the same seed gives the same noise.</param>
public sealed class Noise(double standardDeviation, long seed) : PhotometricTransform
{
    /// <summary>In grey levels of 0 to 255.</summary>
    public double StandardDeviation => standardDeviation;

    private protected override Image Change(Image image)
    {
        var random = new RandomStream(seed, 0, 0);
        var target = new Image(image.Size, image.Channels);
        var (normal, strength) = (NormalQuantiles.Table, (float)standardDeviation);
        var word = 0u;
        for (var i = 0; i < target.Data.Length; i++)
        {
            word = i % 2 == 0 ? random.NextUInt32() : word >> 16;
            target.Data[i] = (byte)Math.Clamp(image.Data[i] + strength * normal[word & 0xFFFF] + 0.5f, 0, 255.5f);
        }

        return target;
    }
}

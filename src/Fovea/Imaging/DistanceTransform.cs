using Fovea.Imaging.Native;

namespace Fovea.Imaging;

/// <summary>Distances to the background of a binary picture.</summary>
public static class DistanceTransform
{
    /// <summary>The Euclidean distance from the centre of every pixel to the centre of the nearest pixel that is 0.</summary>
    /// <param name="mask">H times W values.</param>
    /// <param name="size">Size of the picture.</param>
    /// <returns>H times W distances in pixels, exact to float; 0 where the mask is 0, infinite when it is 0 nowhere.</returns>
    /// <exception cref="ArgumentException">The length does not match the size.</exception>
    public static unsafe float[] Compute(ReadOnlySpan<byte> mask, ImageSize size)
    {
        if (mask.Length != size.Height * size.Width)
            throw new ArgumentException($"found {mask.Length} values, expected {size.Height * size.Width} for {size}", nameof(mask));
        var distances = new float[mask.Length];
        if (!mask.Contains((byte)0))
        {
            Array.Fill(distances, float.PositiveInfinity);
            return distances;
        }

        NativeImports.Ensure();
        NativeImports.Check(ImageNative.Distance(mask, size.Width, size.Height, distances), &ImageNative.LastError, "distance transform");
        return distances;
    }
}

using Fovea.Torch;

namespace Fovea.Losses;

/// <summary>Maps with a peak at every point, which networks learn to draw (Tompson et al. 2014), and the loss between them.</summary>
public static class HeatMaps
{
    /// <summary>A map with a peak exp(−r²/(2σ²)) at every point, r the distance to the centre of a pixel; where peaks meet, the greater one.</summary>
    /// <param name="size">Size of the map.</param>
    /// <param name="points">Columns and rows in continuous coordinates: the centre of the first pixel is at (0.5, 0.5). None gives a map of 0.</param>
    /// <param name="sigma">σ, pixels; above 0.</param>
    /// <returns><c>[H, W]</c> float32, 0 to 1.</returns>
    public static Tensor Target(ImageSize size, IReadOnlyList<(double X, double Y)> points, double sigma)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(sigma);
        var values = new float[size.Height * size.Width];
        foreach (var (x, y) in points)
        {
            for (var row = 0; row < size.Height; row++)
            {
                for (var column = 0; column < size.Width; column++)
                {
                    var (dx, dy) = (column + 0.5 - x, row + 0.5 - y);
                    ref var value = ref values[row * size.Width + column];
                    value = Math.Max(value, (float)Math.Exp(-(dx * dx + dy * dy) / (2 * sigma * sigma)));
                }
            }
        }

        return Tensor.FromArray(values, [size.Height, size.Width]);
    }

    /// <summary>The mean of w·(p − t)² with w = 1 + <paramref name="peakWeight"/>·t, a scalar.</summary>
    /// <param name="predicted">p, any shape.</param>
    /// <param name="target">t, the same shape.</param>
    /// <param name="peakWeight">How much more the pixels of peaks weigh, at least 0: maps are mostly 0.</param>
    /// <exception cref="FoveaException">The shapes differ.</exception>
    public static Tensor Loss(Tensor predicted, Tensor target, double peakWeight = 0)
    {
        using var scope = new TensorScope();
        if (predicted.Shape != target.Shape)
            throw new FoveaException($"heat maps: found {predicted.Shape} for targets {target.Shape}, expected the same shape");
        var scores = predicted.To(MaskedTargets.TypeFor(predicted));
        var errors = (scores - target).Square();
        return scope.Keep((peakWeight == 0 ? errors : errors * (target * peakWeight + 1)).Mean());
    }
}

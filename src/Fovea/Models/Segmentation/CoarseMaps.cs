using Fovea.Torch;

namespace Fovea.Models.Segmentation;

/// <summary>True classes at the resolution of a network's scores.</summary>
internal static class CoarseMaps
{
    /// <summary>The label under the centre of every cell of a coarser grid, as Pillow's nearest neighbour takes it.</summary>
    /// <param name="maps"><c>[N, H, W]</c>.</param>
    /// <param name="height">Rows of the grid.</param>
    /// <param name="width">Columns of the grid.</param>
    /// <returns><c>[N, height, width]</c>.</returns>
    public static Tensor Reduce(Tensor maps, long height, long width)
    {
        using var scope = new TensorScope();
        return scope.Keep(maps.IndexSelect(1, Centres(maps, 1, height)).IndexSelect(2, Centres(maps, 2, width)));
    }

    private static Tensor Centres(Tensor maps, int dimension, long count)
    {
        var positions = new long[count];
        for (var i = 0; i < count; i++)
            positions[i] = (long)((i + 0.5) * maps.Shape[dimension] / count);
        return Tensor.FromArray(positions).To(maps.Device);
    }
}

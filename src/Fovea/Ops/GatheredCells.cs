using Fovea.Ops.Kernels;
using Fovea.Torch;

namespace Fovea.Ops;

/// <summary>Feature maps as a list of cells, each a row of channels, for region pooling composed from gathers.</summary>
internal static class GatheredCells
{
    // Elements gathered at a time: 256 MiB in single precision.
    private const long Budget = 1L << 26;

    /// <summary>[N, C, H, W] to [N H W, C].</summary>
    public static Tensor Flatten(Tensor features) => features.Detach().Permute([0, 2, 3, 1]).Reshape([-1, features.Shape[1]]);

    /// <summary>[N H W, C] to [N, C, H, W].</summary>
    public static Tensor Restore(Tensor cells, Shape shape) => cells.Reshape([shape[0], shape[2], shape[3], shape[1]]).Permute([0, 3, 1, 2]).Contiguous();

    /// <summary>Divides regions into runs that fit the budget.</summary>
    public static IEnumerable<(long From, long Count)> Chunks(long regions, long elementsPerRegion)
    {
        var step = Math.Max(1, Budget / Math.Max(1, elementsPerRegion));
        for (long from = 0; from < regions; from += step)
            yield return (from, Math.Min(step, regions - from));
    }

    /// <summary>Refuses regions of images that are not in the batch, which a GPU would answer by ending the process, and ones without bounds.</summary>
    /// <exception cref="FoveaException">A region names an image that is not in the batch, or its coordinates are not those of a region.</exception>
    public static void CheckImages(Tensor regions, long images)
    {
        var image = regions[.., 0];
        var wrong = ((image >= 0) & (image < images)).LogicalNot().Nonzero();
        if (wrong.Shape[0] > 0)
        {
            var region = wrong[0, 0].ToInt64();
            throw new FoveaException($"region {region}: found image {image[(int)region].ToDouble()}, expected 0 to {images - 1}, the images of the batch");
        }

        var unbounded = (regions.Abs() <= RoiRows.Farthest).LogicalNot().Nonzero();
        if (unbounded.Shape[0] > 0)
        {
            var (region, column) = (unbounded[0, 0].ToInt64(), unbounded[0, 1].ToInt64());
            throw new FoveaException($"region {region}: found coordinate {regions[(int)region, (int)column].ToDouble()}, expected a number of pixels; the network has diverged");
        }
    }
}

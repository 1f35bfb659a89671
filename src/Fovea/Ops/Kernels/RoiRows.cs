using System.Numerics;

namespace Fovea.Ops.Kernels;

/// <summary>Rows (image, x1, y1, x2, y2) as regions are given.</summary>
internal static class RoiRows
{
    /// <summary>Farther from the image than this, pixels, no region is taken for one: the network that gave it has diverged.</summary>
    public const double Farthest = 1e7;

    /// <summary>The regions of every image.</summary>
    /// <exception cref="FoveaException">A region names an image the batch does not have, or its coordinates are not those of a region.</exception>
    public static List<int>[] GroupByImage<T>(ReadOnlySpan<T> regions, int images) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var groups = new List<int>[images];
        for (var image = 0; image < images; image++)
            groups[image] = [];
        for (var region = 0; region < regions.Length / 5; region++)
        {
            var image = regions[5 * region];
            if (!(image >= T.Zero && image < T.CreateChecked(images)))
                throw new FoveaException($"region {region}: found image {image}, expected 0 to {images - 1}, the images of the batch");
            foreach (var value in regions.Slice(5 * region + 1, 4))
            {
                if (!(T.Abs(value) <= T.CreateChecked(Farthest)))
                    throw new FoveaException($"region {region}: found coordinate {value}, expected a number of pixels; the network has diverged");
            }

            groups[int.CreateTruncating(image)].Add(region);
        }

        return groups;
    }
}

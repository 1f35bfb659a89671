using System.Numerics;

namespace Fovea.Ops.Kernels;

/// <summary>RoIPool (Girshick 2015, section 2.1): the maximum of every bin of a region rounded to whole cells.</summary>
internal static class RoiPoolKernel
{
    /// <summary>Pools the regions.</summary>
    /// <param name="map">Feature maps [N, C, H, W].</param>
    /// <param name="shape">N, C, H, W.</param>
    /// <param name="regions">R rows (image, x1, y1, x2, y2) in pixels.</param>
    /// <param name="bins">Bins down and across.</param>
    /// <param name="scale">Cells of the feature map per pixel of the image.</param>
    /// <param name="result">[R, C, bins down, bins across]; empty bins are 0.</param>
    /// <param name="argmax">Where in its plane each maximum was, -1 for empty bins.</param>
    public static void Forward<T>(
        ReadOnlyMemory<T> map, MapShape shape, ReadOnlyMemory<T> regions, ImageSize bins, double scale, Memory<T> result, Memory<int> argmax)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        RoiRows.GroupByImage(regions.Span, shape.Images);
        var size = bins.Height * bins.Width;
        Cores.For(regions.Length / 5, 1, (from, to) =>
        {
            for (var region = from; region < to; region++)
            {
                var row = regions.Span.Slice(5 * region, 5);
                var rows = Edges(row[2], row[4], scale, bins.Height, shape.Height);
                var columns = Edges(row[1], row[3], scale, bins.Width, shape.Width);
                var image = int.CreateTruncating(row[0]);
                for (var channel = 0; channel < shape.Channels; channel++)
                {
                    var offset = (region * shape.Channels + channel) * size;
                    Pool(map.Span.Slice((image * shape.Channels + channel) * shape.Plane, shape.Plane), shape.Width, rows, columns,
                        result.Span.Slice(offset, size), argmax.Span.Slice(offset, size));
                }
            }
        });
    }

    /// <summary>The gradient with respect to the feature maps: each bin's goes to the cell of its maximum.</summary>
    /// <param name="gradient">Gradient of the result, [R, C, bins down, bins across].</param>
    /// <param name="argmax">What <see cref="Forward"/> gave.</param>
    /// <param name="shape">N, C, H, W of the feature maps.</param>
    /// <param name="regions">R rows (image, x1, y1, x2, y2) in pixels.</param>
    /// <param name="binsPerRegion">Bins of a region.</param>
    /// <param name="result">Overwritten with the gradient [N, C, H, W].</param>
    public static void Backward<T>(
        ReadOnlyMemory<T> gradient, ReadOnlyMemory<int> argmax, MapShape shape, ReadOnlyMemory<T> regions, int binsPerRegion, Memory<T> result)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var members = RoiRows.GroupByImage(regions.Span, shape.Images);
        Cores.For(shape.Images * shape.Channels, 1, (from, to) =>
        {
            for (var plane = from; plane < to; plane++)
            {
                var target = result.Span.Slice(plane * shape.Plane, shape.Plane);
                target.Clear();
                foreach (var region in members[plane / shape.Channels])
                {
                    var offset = (region * shape.Channels + plane % shape.Channels) * binsPerRegion;
                    var values = gradient.Span.Slice(offset, binsPerRegion);
                    var cells = argmax.Span.Slice(offset, binsPerRegion);
                    for (var bin = 0; bin < cells.Length; bin++)
                    {
                        if (cells[bin] >= 0)
                            target[cells[bin]] += values[bin];
                    }
                }
            }
        });
    }

    private static void Pool<T>(
        ReadOnlySpan<T> plane, int width, (int From, int To)[] rows, (int From, int To)[] columns, Span<T> result, Span<int> argmax)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        for (var bin = 0; bin < result.Length; bin++)
        {
            var (top, bottom) = rows[bin / columns.Length];
            var (left, right) = columns[bin % columns.Length];
            var (best, cell) = (T.Zero, -1);
            for (var y = top; y < bottom; y++)
            {
                for (var x = left; x < right; x++)
                {
                    var value = plane[y * width + x];
                    if (cell < 0 || value > best)
                        (best, cell) = (value, y * width + x);
                }
            }

            result[bin] = best;
            argmax[bin] = cell;
        }
    }

    // Rounding is half away from zero and a region is at least one cell, the last edge inclusive: the rules of Fast R-CNN.
    private static (int From, int To)[] Edges<T>(T from, T to, double scale, int bins, int extent) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var factor = T.CreateChecked(scale);
        var start = int.CreateSaturating(T.Round(from * factor, MidpointRounding.AwayFromZero));
        var end = int.CreateSaturating(T.Round(to * factor, MidpointRounding.AwayFromZero));
        var bin = T.CreateChecked(Math.Max((long)end - start + 1, 1)) / T.CreateChecked(bins);
        var edges = new (int, int)[bins];
        for (var i = 0; i < bins; i++)
        {
            var low = int.CreateSaturating(T.Floor(T.CreateChecked(i) * bin));
            var high = int.CreateSaturating(T.Ceiling(T.CreateChecked(i + 1) * bin));
            edges[i] = ((int)Math.Clamp((long)low + start, 0, extent), (int)Math.Clamp((long)high + start, 0, extent));
        }

        return edges;
    }
}

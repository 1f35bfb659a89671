using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

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
        var members = RoiRows.GroupByImage(regions.Span, shape.Images);
        var edges = new (Edges Rows, Edges Columns)[regions.Length / 5];
        for (var region = 0; region < edges.Length; region++)
        {
            var row = regions.Span.Slice(5 * region + 1, 4);
            edges[region] = (Edges.Of(row[1], row[3], scale, bins.Height, shape.Height), Edges.Of(row[0], row[2], scale, bins.Width, shape.Width));
        }

        var size = bins.Height * bins.Width;
        Cores.For(shape.Images * shape.Channels, 1, (from, to) =>
        {
            var best = new T[shape.Width.RoundUp(Vector512<T>.Count)];
            var cells = new T[best.Length];
            for (var plane = from; plane < to; plane++)
            {
                foreach (var region in members[plane / shape.Channels])
                {
                    var offset = (region * shape.Channels + plane % shape.Channels) * size;
                    Pool(map.Span[(plane * shape.Plane)..], shape.Width, edges[region].Rows, edges[region].Columns, best, cells,
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

    // Per bin row: the best of every column with vectors, then the best of the columns of every bin. Of equal values the first
    // one in reading order wins.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Pool<T>(
        ReadOnlySpan<T> plane, int width, Edges rows, Edges columns, Span<T> best, Span<T> bestRows, Span<T> result, Span<int> argmax)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var (first, last) = (columns.From[0], columns.To[^1]);
        for (var bin = 0; bin < rows.From.Length; bin++)
        {
            for (var x = first; x < last; x += Vector512<T>.Count)
            {
                var (maximum, row) = (Vector512.Create(T.NegativeInfinity), Vector512<T>.Zero);
                for (var y = rows.From[bin]; y < rows.To[bin]; y++)
                {
                    var values = Lanes.LoadWithin(plane, y * width + x);
                    var above = Vector512.GreaterThan(values, maximum);
                    maximum = Vector512.ConditionalSelect(above, values, maximum);
                    row = Vector512.ConditionalSelect(above, Vector512.Create(T.CreateTruncating(y)), row);
                }

                Lanes.StoreWithin(maximum, best, x);
                Lanes.StoreWithin(row, bestRows, x);
            }

            for (var across = 0; across < columns.From.Length; across++)
            {
                var (maximum, row, column) = (T.NegativeInfinity, T.Zero, -1);
                for (var x = columns.From[across]; x < columns.To[across]; x++)
                {
                    if (best[x] > maximum || (best[x] == maximum && bestRows[x] < row))
                        (maximum, row, column) = (best[x], bestRows[x], x);
                }

                var empty = rows.To[bin] <= rows.From[bin] || column < 0;
                result[bin * columns.From.Length + across] = empty ? T.Zero : maximum;
                argmax[bin * columns.From.Length + across] = empty ? -1 : int.CreateTruncating(row) * width + column;
            }
        }
    }

    /// <summary>The cells [From, To) of every bin along one axis, within the map.</summary>
    private readonly record struct Edges(int[] From, int[] To)
    {
        // Rounding is half away from zero and a region is at least one cell, the last edge inclusive: the rules of Fast R-CNN.
        public static Edges Of<T>(T from, T to, double scale, int bins, int extent) where T : unmanaged, IBinaryFloatingPointIeee754<T>
        {
            var factor = T.CreateChecked(scale);
            var start = int.CreateSaturating(T.Round(from * factor, MidpointRounding.AwayFromZero));
            var end = int.CreateSaturating(T.Round(to * factor, MidpointRounding.AwayFromZero));
            var bin = T.CreateChecked(Math.Max((long)end - start + 1, 1)) / T.CreateChecked(bins);
            var edges = new Edges(new int[bins], new int[bins]);
            for (var i = 0; i < bins; i++)
            {
                edges.From[i] = (int)Math.Clamp(long.CreateSaturating(T.Floor(T.CreateChecked(i) * bin)) + start, 0, extent);
                edges.To[i] = (int)Math.Clamp(long.CreateSaturating(T.Ceiling(T.CreateChecked(i + 1) * bin)) + start, 0, extent);
            }

            return edges;
        }
    }
}

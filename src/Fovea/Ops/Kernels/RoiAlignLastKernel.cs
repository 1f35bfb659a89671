using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Fovea.Ops.Kernels;

/// <summary>
/// RoIAlign of feature maps that lie in memory as [N, H, W, C] (channels last): vectors run over channels, and the maps are read
/// in place, in bfloat16 too. Results and gradients are in single precision.
/// </summary>
internal static class RoiAlignLastKernel
{
    /// <summary>Pools the regions.</summary>
    /// <param name="map">Feature maps [N, H, W, C].</param>
    /// <param name="shape">N, C, H, W.</param>
    /// <param name="regions">R rows (image, x1, y1, x2, y2) in pixels.</param>
    /// <param name="parameters">Bins, scale, sampling.</param>
    /// <param name="result">[R, C, bins down, bins across].</param>
    public static void Forward<TCell, T>(
        ReadOnlyMemory<T> map, MapShape shape, ReadOnlyMemory<float> regions, RoiAlignParameters parameters, Memory<float> result)
        where TCell : struct, ICellType<T>
        where T : unmanaged
    {
        RoiRows.GroupByImage(regions.Span, shape.Images);
        var bins = parameters.PooledHeight * parameters.PooledWidth;
        Cores.For(regions.Length / 5, 1, (from, to) =>
        {
            var stride = shape.Channels.RoundUp(Vector512<float>.Count);
            var pooled = ArrayPool<float>.Shared.Rent(bins * stride);
            var cells = ArrayPool<float>.Shared.Rent(shape.Width * stride);
            var weights = RoiWeights<float>.Rent();
            for (var region = from; region < to; region++)
            {
                var row = regions.Span.Slice(5 * region, 5);
                weights.Set(row[1..], new ImageSize(shape.Height, shape.Width), parameters, backward: false);
                pooled.AsSpan(0, bins * stride).Clear();
                var image = map.Span[((int)row[0] * shape.Plane * shape.Channels)..];
                for (var bin = 0; bin < parameters.PooledHeight; bin++)
                {
                    WeighRows<TCell, T>(image, shape, weights, bin, cells, stride);
                    for (var column = 0; column < parameters.PooledWidth; column++)
                        WeighColumns(cells, weights, column, pooled.AsSpan((bin * parameters.PooledWidth + column) * stride, stride));
                }

                Transpose.Run(pooled, stride, bins, shape.Channels, result.Span.Slice(region * shape.Channels * bins, shape.Channels * bins), bins);
            }

            weights.Return();
            ArrayPool<float>.Shared.Return(pooled);
            ArrayPool<float>.Shared.Return(cells);
        });
    }

    /// <summary>The gradient with respect to the feature maps.</summary>
    /// <param name="gradient">Gradient of the result, [R, C, bins down, bins across].</param>
    /// <param name="shape">N, C, H, W of the feature maps.</param>
    /// <param name="regions">R rows (image, x1, y1, x2, y2) in pixels.</param>
    /// <param name="parameters">Bins, scale, sampling.</param>
    /// <param name="result">Overwritten with the gradient [N, H, W, C].</param>
    public static void Backward(
        ReadOnlyMemory<float> gradient, MapShape shape, ReadOnlyMemory<float> regions, RoiAlignParameters parameters, Memory<float> result)
    {
        using var plan = new RoiPlan<float>(regions, shape, parameters, backward: false);
        Cores.For(shape.Images * shape.Height, 64, (from, to) =>
            result.Span[(from * shape.Width * shape.Channels)..(to * shape.Width * shape.Channels)].Clear());

        // Each thread owns some channels of all cells: no two write to one place, and the sum has one order on any number of cores.
        var blocks = (shape.Channels + Vector512<float>.Count - 1) / Vector512<float>.Count;
        Cores.For(blocks, 1, (fromBlock, toBlock) =>
        {
            var from = fromBlock * Vector512<float>.Count;
            var channels = Math.Min(toBlock * Vector512<float>.Count, shape.Channels) - from;
            var bins = parameters.PooledHeight * parameters.PooledWidth;
            var stride = channels.RoundUp(Vector512<float>.Count);
            var given = ArrayPool<float>.Shared.Rent(bins * stride);
            for (var image = 0; image < shape.Images; image++)
            {
                var target = result.Span.Slice(image * shape.Plane * shape.Channels, shape.Plane * shape.Channels);
                foreach (var region in plan.Members[image])
                {
                    Transpose.Run(gradient.Span[((region * shape.Channels + from) * bins)..], bins, channels, bins, given, stride);
                    Spread(given, stride, plan.Weights[region], parameters, target, shape, from, channels);
                }
            }

            ArrayPool<float>.Shared.Return(given);
        });
    }

    // cells[x] = Σ over map rows of their weight in a bin row, for every column x of the region and all channels.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void WeighRows<TCell, T>(ReadOnlySpan<T> image, MapShape shape, RoiWeights<float> weights, int bin, Span<float> cells, int stride)
        where TCell : struct, ICellType<T>
        where T : unmanaged
    {
        var lanes = Vector512<float>.Count;
        var (first, last) = (weights.RowStarts[bin], weights.RowStarts[bin + 1]);
        var rows = weights.Rows;
        var rowWeights = weights.RowWeights;
        for (var x = 0; x < weights.ColumnCount; x++)
        {
            var channel = 0;
            for (; channel + lanes <= shape.Channels; channel += lanes)
            {
                var sum = Vector512<float>.Zero;
                for (var k = first; k < last; k++)
                {
                    var offset = (rows[k] * shape.Width + weights.FirstColumn + x) * shape.Channels + channel;
                    sum = Lanes.MultiplyAdd(Vector512.Create(rowWeights[k]), TCell.Load(image, offset), sum);
                }

                sum.StoreUnsafe(ref MemoryMarshal.GetReference(cells), (nuint)(x * stride + channel));
            }

            for (; channel < shape.Channels; channel++)
            {
                var sum = 0f;
                for (var k = first; k < last; k++)
                    sum += rowWeights[k] * TCell.Load(image[(rows[k] * shape.Width + weights.FirstColumn + x) * shape.Channels + channel]);
                cells[x * stride + channel] = sum;
            }
        }
    }

    // bin += Σ over columns x of their weight in it.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void WeighColumns(ReadOnlySpan<float> cells, RoiWeights<float> weights, int column, Span<float> bin)
    {
        ref var sums = ref MemoryMarshal.GetReference(bin);
        for (var x = 0; x < weights.ColumnCount; x++)
        {
            var weight = weights.ColumnWeights[x * weights.Stride + column];
            if (weight == 0)
                continue;
            ref var cell = ref MemoryMarshal.GetReference(cells.Slice(x * bin.Length, bin.Length));
            for (nuint channel = 0; channel < (nuint)bin.Length; channel += (nuint)Vector512<float>.Count)
                Lanes.MultiplyAdd(Vector512.Create(weight), Vector512.LoadUnsafe(ref cell, channel), Vector512.LoadUnsafe(ref sums, channel)).StoreUnsafe(ref sums, channel);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Spread(
        ReadOnlySpan<float> given, int stride, RoiWeights<float> weights, RoiAlignParameters parameters, Span<float> target, MapShape shape, int from, int channels)
    {
        var lanes = Vector512<float>.Count;
        for (var bin = 0; bin < parameters.PooledHeight; bin++)
        {
            for (var x = 0; x < weights.ColumnCount; x++)
            {
                for (var channel = 0; channel < channels; channel += lanes)
                {
                    var sum = Vector512<float>.Zero;
                    for (var column = 0; column < parameters.PooledWidth; column++)
                    {
                        var weight = weights.ColumnWeights[x * weights.Stride + column];
                        if (weight != 0)
                            sum = Lanes.MultiplyAdd(Vector512.Create(weight), Vector512.Create(given.Slice((bin * parameters.PooledWidth + column) * stride + channel, lanes)), sum);
                    }

                    for (var k = weights.RowStarts[bin]; k < weights.RowStarts[bin + 1]; k++)
                    {
                        var offset = (weights.Rows[k] * shape.Width + weights.FirstColumn + x) * shape.Channels + from + channel;
                        Add(target.Slice(offset, Math.Min(lanes, channels - channel)), Vector512.Create(weights.RowWeights[k]) * sum);
                    }
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(Span<float> target, Vector512<float> values)
    {
        ref var first = ref MemoryMarshal.GetReference(target);
        if (target.Length == Vector512<float>.Count)
        {
            (Vector512.LoadUnsafe(ref first) + values).StoreUnsafe(ref first);
            return;
        }

        for (var i = 0; i < target.Length; i++)
            target[i] += values[i];
    }
}

using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Fovea.Ops.Kernels;

/// <summary>RoIAlign (He et al. 2017, section 3) of feature maps [N, C, H, W], forward and backward, on all cores.</summary>
/// <remarks>
/// Work is split by image and channel, not by region: a channel's map stays in the cache while all regions read it, and in the
/// backward pass no two threads write to one place, so the sum has one order and the result is the same on any number of cores.
/// </remarks>
internal static class RoiAlignKernel
{
    /// <summary>Pools the regions.</summary>
    /// <param name="map">Feature maps [N, C, H, W].</param>
    /// <param name="shape">N, C, H, W.</param>
    /// <param name="regions">R rows (image, x1, y1, x2, y2) in pixels.</param>
    /// <param name="parameters">Bins, scale, sampling.</param>
    /// <param name="result">[R, C, bins down, bins across].</param>
    public static void Forward<T>(
        ReadOnlyMemory<T> map, MapShape shape, ReadOnlyMemory<T> regions, RoiAlignParameters parameters, Memory<T> result)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        using var plan = new RoiPlan<T>(regions, shape, parameters, backward: false);
        plan.ForEachPlanes(shape, (members, image, fromChannel, toChannel) =>
        {
            var rows = ArrayPool<T>.Shared.Rent(parameters.PooledHeight * plan.RowStride);
            foreach (var region in members)
            {
                for (var channel = fromChannel; channel < toChannel; channel++)
                {
                    var bins = parameters.PooledHeight * parameters.PooledWidth;
                    Pool(map.Span[((image * shape.Channels + channel) * shape.Plane)..], shape.Width, plan.Weights[region], parameters, rows, plan.RowStride,
                        result.Span.Slice((region * shape.Channels + channel) * bins, bins));
                }
            }

            ArrayPool<T>.Shared.Return(rows);
        });
    }

    /// <summary>The gradient with respect to the feature maps.</summary>
    /// <param name="gradient">Gradient of the result, [R, C, bins down, bins across].</param>
    /// <param name="shape">N, C, H, W of the feature maps.</param>
    /// <param name="regions">R rows (image, x1, y1, x2, y2) in pixels.</param>
    /// <param name="parameters">Bins, scale, sampling.</param>
    /// <param name="result">Overwritten with the gradient [N, C, H, W].</param>
    public static void Backward<T>(
        ReadOnlyMemory<T> gradient, MapShape shape, ReadOnlyMemory<T> regions, RoiAlignParameters parameters, Memory<T> result)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        using var plan = new RoiPlan<T>(regions, shape, parameters, backward: true);
        plan.ForEachPlanes(shape, (members, image, fromChannel, toChannel) =>
        {
            // Rows are padded so that whole vectors may be added at the right edge without touching the next row.
            var stride = shape.Width + Vector512<T>.Count;
            var sum = ArrayPool<T>.Shared.Rent(shape.Height * stride);
            var rows = ArrayPool<T>.Shared.Rent(plan.RowStride);
            var bins = parameters.PooledHeight * parameters.PooledWidth;
            for (var channel = fromChannel; channel < toChannel; channel++)
            {
                sum.AsSpan(0, shape.Height * stride).Clear();
                foreach (var region in members)
                    Spread(gradient.Span.Slice((region * shape.Channels + channel) * bins, bins), plan.Weights[region], parameters, rows, sum, stride);
                var target = result.Span.Slice((image * shape.Channels + channel) * shape.Plane, shape.Plane);
                for (var y = 0; y < shape.Height; y++)
                    sum.AsSpan(y * stride, shape.Width).CopyTo(target[(y * shape.Width)..]);
            }

            ArrayPool<T>.Shared.Return(sum);
            ArrayPool<T>.Shared.Return(rows);
        });
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Pool<T>(
        ReadOnlySpan<T> map, int width, RoiWeights<T> weights, RoiAlignParameters parameters, T[] rows, int rowStride, Span<T> result)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var lanes = Vector512<T>.Count;
        var mapRows = weights.Rows;
        var rowWeights = weights.RowWeights;
        ref var rowBuffer = ref MemoryMarshal.GetArrayDataReference(rows);
        for (var bin = 0; bin < parameters.PooledHeight; bin++)
        {
            var (first, last) = (weights.RowStarts[bin], weights.RowStarts[bin + 1]);
            for (var chunk = 0; chunk < weights.ColumnCount; chunk += lanes)
            {
                var sum = Vector512<T>.Zero;
                for (var k = first; k < last; k++)
                {
                    var cells = Lanes.LoadWithin(map, mapRows[k] * width + weights.FirstColumn + chunk);
                    sum = Lanes.MultiplyAdd(Vector512.Create(rowWeights[k]), cells, sum);
                }

                sum.StoreUnsafe(ref rowBuffer, (nuint)(bin * rowStride + chunk));
            }
        }

        ref var columnWeights = ref MemoryMarshal.GetReference(weights.ColumnWeights);
        for (var chunk = 0; chunk < parameters.PooledWidth; chunk += lanes)
        {
            for (var bin = 0; bin < parameters.PooledHeight; bin += 4)
            {
                // Four bin rows share each load of the column weights; rows past the last one are computed and dropped.
                var row = bin * rowStride;
                var second = Math.Min(bin + 1, parameters.PooledHeight - 1) * rowStride;
                var third = Math.Min(bin + 2, parameters.PooledHeight - 1) * rowStride;
                var fourth = Math.Min(bin + 3, parameters.PooledHeight - 1) * rowStride;
                var (a, b, c, d) = (Vector512<T>.Zero, Vector512<T>.Zero, Vector512<T>.Zero, Vector512<T>.Zero);
                for (var x = 0; x < weights.ColumnCount; x++)
                {
                    var weight = Vector512.LoadUnsafe(ref columnWeights, (nuint)(x * weights.Stride + chunk));
                    a = Lanes.MultiplyAdd(Vector512.Create(Unsafe.Add(ref rowBuffer, row + x)), weight, a);
                    b = Lanes.MultiplyAdd(Vector512.Create(Unsafe.Add(ref rowBuffer, second + x)), weight, b);
                    c = Lanes.MultiplyAdd(Vector512.Create(Unsafe.Add(ref rowBuffer, third + x)), weight, c);
                    d = Lanes.MultiplyAdd(Vector512.Create(Unsafe.Add(ref rowBuffer, fourth + x)), weight, d);
                }

                StoreBins(a, result, bin, chunk, parameters);
                StoreBins(b, result, bin + 1, chunk, parameters);
                StoreBins(c, result, bin + 2, chunk, parameters);
                StoreBins(d, result, bin + 3, chunk, parameters);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Spread<T>(
        ReadOnlySpan<T> gradient, RoiWeights<T> weights, RoiAlignParameters parameters, T[] rows, T[] sum, int stride)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var lanes = Vector512<T>.Count;
        ref var rowBuffer = ref MemoryMarshal.GetArrayDataReference(rows);
        ref var columnWeights = ref MemoryMarshal.GetReference(weights.ColumnWeights);
        for (var bin = 0; bin < parameters.PooledHeight; bin++)
        {
            for (var chunk = 0; chunk < weights.ColumnCount; chunk += lanes)
            {
                var value = Vector512<T>.Zero;
                for (var column = 0; column < parameters.PooledWidth; column++)
                {
                    var share = Vector512.LoadUnsafe(ref columnWeights, (nuint)(column * weights.Stride + chunk));
                    value = Lanes.MultiplyAdd(Vector512.Create(gradient[bin * parameters.PooledWidth + column]), share, value);
                }

                value.StoreUnsafe(ref rowBuffer, (nuint)chunk);
            }

            for (var k = weights.RowStarts[bin]; k < weights.RowStarts[bin + 1]; k++)
            {
                var weight = Vector512.Create(weights.RowWeights[k]);
                ref var target = ref sum[weights.Rows[k] * stride + weights.FirstColumn];
                for (var chunk = 0; chunk < weights.ColumnCount; chunk += lanes)
                {
                    var before = Vector512.LoadUnsafe(ref target, (nuint)chunk);
                    var after = Lanes.MultiplyAdd(weight, Vector512.LoadUnsafe(ref rowBuffer, (nuint)chunk), before);
                    after.StoreUnsafe(ref target, (nuint)chunk);
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreBins<T>(Vector512<T> bins, Span<T> result, int row, int chunk, in RoiAlignParameters parameters)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (row >= parameters.PooledHeight)
            return;
        var (lanes, width, offset) = (Vector512<T>.Count, parameters.PooledWidth, row * parameters.PooledWidth + chunk);
        if (offset + lanes <= result.Length && (width <= lanes || chunk + lanes <= width))
        {
            // In a map of one vector a row, what spills over is overwritten by the row that follows.
            bins.StoreUnsafe(ref MemoryMarshal.GetReference(result), (nuint)offset);
            return;
        }

        Lanes.StoreFirst(bins, result.Slice(offset, Math.Min(lanes, width - chunk)));
    }
}

using System.Runtime.CompilerServices;

namespace Fovea.Ops.Kernels;

/// <summary>A Gaussian of the distance in the picture, peak 1: along rows, then along columns, exact to single precision.</summary>
internal sealed class GaussianFilter : IPixelFilter
{
    // Beyond this a tap is lost beside the middle one, in single precision.
    private const double Smallest = 1e-8;

    // Columns whose rows above and below stay in the fastest memory.
    private const int Columns = 16;

    private readonly ImageSize size;
    private readonly float[] taps;
    private float[] between = [];

    /// <param name="size">Size of the picture.</param>
    /// <param name="deviation">Standard deviation, pixels.</param>
    public GaussianFilter(ImageSize size, double deviation)
    {
        this.size = size;
        var reach = (int)Math.Ceiling(deviation * Math.Sqrt(-2 * Math.Log(Smallest)));
        taps = [.. Enumerable.Range(0, reach + 1).Select(i => (float)Math.Exp(-0.5 * i * i / (deviation * deviation)))];
    }

    public void AddTo(float[] result, float[] values, float[] scales, float weight, int stride)
    {
        if (between.Length != values.Length)
            between = new float[values.Length];
        Cores.For(size.Height, 1, (from, to) => AlongRows(values, scales, stride, from, to));
        Cores.For(size.Height, 1, (from, to) =>
        {
            for (var left = 0; left < size.Width; left += Columns)
                AlongColumns(result, scales, weight, stride, from, to, left);
        });
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AlongRows(float[] values, float[] scales, int stride, int from, int to)
    {
        var (rows, weights) = (new int[2 * taps.Length], new float[2 * taps.Length]);
        for (var pixel = from * size.Width; pixel < to * size.Width; pixel++)
        {
            var x = pixel % size.Width;
            var (first, end) = Reach(x, size.Width);
            for (var other = first; other < end; other++)
            {
                rows[other - first] = pixel + other - x;
                weights[other - first] = taps[Math.Abs(other - x)] * scales[pixel + other - x];
            }

            Rows.Sum(between.AsSpan(pixel * stride, stride), values, rows.AsSpan(0, end - first), weights);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AlongColumns(float[] result, float[] scales, float weight, int stride, int from, int to, int left)
    {
        var (rows, weights) = (new int[2 * taps.Length], new float[2 * taps.Length]);
        for (var y = from; y < to; y++)
        {
            var (first, end) = Reach(y, size.Height);
            for (var x = left; x < Math.Min(size.Width, left + Columns); x++)
            {
                var pixel = y * size.Width + x;
                for (var other = first; other < end; other++)
                {
                    rows[other - first] = other * size.Width + x;
                    weights[other - first] = taps[Math.Abs(other - y)] * scales[pixel] * weight;
                }

                Rows.Sum(result.AsSpan(pixel * stride, stride), between, rows.AsSpan(0, end - first), weights, adds: true);
            }
        }
    }

    private (int First, int End) Reach(int position, int length) => (Math.Max(0, position - taps.Length + 1), Math.Min(length, position + taps.Length));
}

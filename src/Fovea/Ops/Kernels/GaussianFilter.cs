namespace Fovea.Ops.Kernels;

/// <summary>A Gaussian of the distance in the picture, peak 1: along rows, then along columns, exact to single precision.</summary>
internal sealed class GaussianFilter : IPixelFilter
{
    // Beyond this a tap is lost beside the middle one.
    private const double Smallest = 1e-9;

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

    public void Apply(float[] values, float[] result, int stride)
    {
        if (between.Length != values.Length)
            between = new float[values.Length];
        Cores.For(size.Height, 1, (from, to) => Pass(values, between, stride, from, to, 1, size.Width, static (pixel, width) => pixel % width));
        Cores.For(size.Height, 1, (from, to) => Pass(between, result, stride, from, to, size.Width, size.Height, static (pixel, width) => pixel / width));
    }

    // Of rows from to to; neighbours lie step pixels apart, and place tells where a pixel is among length of them.
    private void Pass(float[] source, float[] target, int stride, int from, int to, int step, int length, Func<int, int, int> place)
    {
        for (var pixel = from * size.Width; pixel < to * size.Width; pixel++)
        {
            var row = target.AsSpan(pixel * stride, stride);
            row.Clear();
            var position = place(pixel, size.Width);
            for (var other = Math.Max(0, position - taps.Length + 1); other < Math.Min(length, position + taps.Length); other++)
                Rows.AddScaled(row, source.AsSpan((pixel + (other - position) * step) * stride, stride), taps[Math.Abs(other - position)]);
        }
    }
}

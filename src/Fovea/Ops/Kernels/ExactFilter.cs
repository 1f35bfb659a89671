namespace Fovea.Ops.Kernels;

/// <summary>The sum over all pairs of pixels by its definition.</summary>
/// <param name="features">A row of <paramref name="dimensions"/> values for each pixel, in standard deviations of the Gaussian.</param>
/// <param name="dimensions">Features of a pixel.</param>
internal sealed class ExactFilter(float[] features, int dimensions) : IPixelFilter
{
    public void Apply(float[] values, float[] result, int stride)
    {
        var pixels = features.Length / dimensions;
        Cores.For(pixels, 8, (from, to) =>
        {
            for (var i = from; i < to; i++)
            {
                var row = result.AsSpan(i * stride, stride);
                row.Clear();
                for (var j = 0; j < pixels; j++)
                    Rows.AddScaled(row, values.AsSpan(j * stride, stride), Kernel(i, j));
            }
        });
    }

    private float Kernel(int i, int j)
    {
        var sum = 0.0;
        for (var k = 0; k < dimensions; k++)
        {
            double difference = features[i * dimensions + k] - features[j * dimensions + k];
            sum += difference * difference;
        }

        return (float)Math.Exp(-0.5 * sum);
    }
}

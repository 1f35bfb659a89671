namespace Fovea.Ops.Kernels;

/// <summary>The sum over all pairs of pixels by its definition.</summary>
/// <param name="features">A row of <paramref name="dimensions"/> values for each pixel, in standard deviations of the Gaussian.</param>
/// <param name="dimensions">Features of a pixel.</param>
internal sealed class ExactFilter(float[] features, int dimensions) : IPixelFilter
{
    public void AddTo(float[] result, float[] values, float[] scales, float weight, int stride)
    {
        var pixels = features.Length / dimensions;
        int[] all = [.. Enumerable.Range(0, pixels)];
        Cores.For(pixels, 8, (from, to) =>
        {
            var weights = new float[pixels];
            for (var i = from; i < to; i++)
            {
                for (var j = 0; j < pixels; j++)
                    weights[j] = (float)(Kernel(i, j) * weight * scales[i] * scales[j]);
                Rows.Sum(result.AsSpan(i * stride, stride), values, all, weights, adds: true);
            }
        });
    }

    private double Kernel(int i, int j)
    {
        var sum = 0.0;
        for (var k = 0; k < dimensions; k++)
        {
            double difference = features[i * dimensions + k] - features[j * dimensions + k];
            sum += difference * difference;
        }

        return Math.Exp(-0.5 * sum);
    }
}

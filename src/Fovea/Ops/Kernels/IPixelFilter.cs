namespace Fovea.Ops.Kernels;

/// <summary>A weighted sum over all pixels for every pixel, the weight k(i, j) falling with the distance of their features.</summary>
internal interface IPixelFilter
{
    /// <summary>result_i += weight · s_i · Σ_j k(i, j) · s_j · value_j.</summary>
    /// <param name="values">A row of <paramref name="stride"/> values for each pixel.</param>
    /// <param name="scales">s, a number for each pixel.</param>
    /// <param name="weight">Factor on everything.</param>
    /// <param name="result">What is added to, as many rows.</param>
    /// <param name="stride">Values of a pixel, a multiple of what a vector holds.</param>
    void AddTo(float[] result, float[] values, float[] scales, float weight, int stride);
}

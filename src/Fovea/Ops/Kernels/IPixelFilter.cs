namespace Fovea.Ops.Kernels;

/// <summary>A weighted sum over all pixels for every pixel, the weight falling with the distance of their features.</summary>
internal interface IPixelFilter
{
    /// <summary>Sums.</summary>
    /// <param name="values">A row of <paramref name="stride"/> values for each pixel.</param>
    /// <param name="result">Receives as many.</param>
    /// <param name="stride">Values of a pixel, a multiple of what a vector holds.</param>
    void Apply(float[] values, float[] result, int stride);
}

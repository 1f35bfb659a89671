namespace Fovea.Transforms.Kernels;

/// <summary>
/// The standard normal distribution in 65,536 equally likely steps: a quick source of noise by the picture, where the two
/// values in a million beyond 4.3 are not missed.
/// </summary>
internal static class NormalQuantiles
{
    private static readonly Lazy<float[]> Lazy = new(static () => [.. Enumerable.Range(0, 65536).Select(static i => (float)Quantile((i + 0.5) / 65536))]);

    public static float[] Table => Lazy.Value;

    /// <summary>The value below which a share of the distribution lies, to nine digits (P. J. Acklam's rational approximation).</summary>
    internal static double Quantile(double share)
    {
        if (share > 0.5)
            return -Quantile(1 - share);
        const double Tail = 0.02425;
        if (share < Tail)
        {
            var q = Math.Sqrt(-2 * RandomStream.Log(share));
            return (((((-7.784894002430293e-3 * q - 0.3223964580411365) * q - 2.400758277161838) * q - 2.549732539343734) * q + 4.374664141464968) * q + 2.938163982698783)
                / ((((7.784695709041462e-3 * q + 0.3224671290700398) * q + 2.445134137142996) * q + 3.754408661907416) * q + 1);
        }

        var x = share - 0.5;
        var r = x * x;
        return (((((-39.69683028665376 * r + 220.9460984245205) * r - 275.9285104469687) * r + 138.3577518672690) * r - 30.66479806614716) * r + 2.506628277459239) * x
            / (((((-54.47609879822406 * r + 161.5858368580409) * r - 155.6989798598866) * r + 66.80131188771972) * r - 13.28068155288572) * r + 1);
    }
}

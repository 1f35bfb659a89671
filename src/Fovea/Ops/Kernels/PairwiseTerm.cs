namespace Fovea.Ops.Kernels;

/// <summary>A kernel of a dense random field with its weight, normalised from both sides: k(i, j)/√(n_i·n_j).</summary>
internal sealed class PairwiseTerm
{
    private readonly IPixelFilter filter;
    private readonly float weight;
    private readonly float[] scales;

    /// <param name="filter">The kernel.</param>
    /// <param name="weight">Its weight.</param>
    /// <param name="pixels">Pixels of the picture.</param>
    public PairwiseTerm(IPixelFilter filter, float weight, int pixels)
    {
        this.filter = filter;
        this.weight = weight;
        var stride = Rows.Length(1);
        var ones = new float[pixels * stride];
        for (var i = 0; i < pixels; i++)
            ones[i * stride] = 1;
        scales = new float[pixels];
        Array.Fill(scales, 1);
        var norms = new float[ones.Length];
        filter.AddTo(norms, ones, scales, 1, stride);
        for (var i = 0; i < pixels; i++)
            scales[i] = 1 / MathF.Sqrt(norms[i * stride]);
    }

    /// <summary>Adds the weighted sums over all pixels.</summary>
    /// <param name="current">A row of <paramref name="stride"/> probabilities for each pixel.</param>
    /// <param name="messages">What is added to.</param>
    /// <param name="stride">Length of a row.</param>
    public void AddMessages(float[] current, float[] messages, int stride) => filter.AddTo(messages, current, scales, weight, stride);
}

namespace Fovea.Ops.Kernels;

/// <summary>A kernel of a dense random field with its weight, normalised from both sides: k(i, j)/√(n_i·n_j).</summary>
internal sealed class PairwiseTerm
{
    private readonly IPixelFilter filter;
    private readonly float weight;
    private readonly float[] scales;
    private float[] scaled = [];
    private float[] sums = [];

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
        var norms = new float[ones.Length];
        filter.Apply(ones, norms, stride);
        scales = new float[pixels];
        for (var i = 0; i < pixels; i++)
            scales[i] = 1 / MathF.Sqrt(norms[i * stride]);
    }

    /// <summary>Adds the weighted sums over all pixels.</summary>
    /// <param name="current">A row of <paramref name="stride"/> probabilities for each pixel.</param>
    /// <param name="messages">What is added to.</param>
    /// <param name="stride">Length of a row.</param>
    public void AddMessages(float[] current, float[] messages, int stride)
    {
        if (scaled.Length != current.Length)
            (scaled, sums) = (new float[current.Length], new float[current.Length]);
        Cores.For(scales.Length, 512, (from, to) =>
        {
            for (var i = from; i < to; i++)
                Rows.Scale(scaled.AsSpan(i * stride, stride), current.AsSpan(i * stride, stride), scales[i]);
        });
        filter.Apply(scaled, sums, stride);
        Cores.For(scales.Length, 512, (from, to) =>
        {
            for (var i = from; i < to; i++)
                Rows.AddScaled(messages.AsSpan(i * stride, stride), sums.AsSpan(i * stride, stride), weight * scales[i]);
        });
    }
}

namespace Fovea.Imaging;

/// <summary>
/// The pixel weights of the U-Net paper (Ronneberger et al. 2015, equation 2): w(x) = w_c(x) + w0·exp(−(d1 + d2)²/(2σ²)), where
/// d1 and d2 are the distances to the nearest and the second nearest cell, so that narrow gaps between touching cells are
/// learned. The second term is that of background pixels only, and 0 with fewer than two cells.
/// </summary>
public sealed class BorderWeights
{
    /// <summary>w0, what a gap of no width would add.</summary>
    public double Strength { get; init; } = 10;

    /// <summary>σ, how far the border reaches, in pixels.</summary>
    public double Reach { get; init; } = 5;

    /// <summary>w_c of the background and of cells.</summary>
    public (float Background, float Cell) ClassWeights { get; init; } = (1, 1);

    /// <summary>The weight of every pixel.</summary>
    /// <param name="instances">H times W numbers: 0 for background, else which cell a pixel belongs to.</param>
    /// <param name="size">Size of the picture.</param>
    /// <returns>H times W weights, as the cross entropy with a weight for every pixel takes them.</returns>
    /// <exception cref="ArgumentException">The length does not match the size.</exception>
    public float[] Compute(ReadOnlySpan<int> instances, ImageSize size)
    {
        if (instances.Length != size.Height * size.Width)
            throw new ArgumentException($"found {instances.Length} pixels, expected {size.Height * size.Width} for {size}", nameof(instances));
        var (nearest, second) = (Far(instances.Length), Far(instances.Length));
        var others = new byte[instances.Length];
        foreach (var cell in Cells(instances))
        {
            for (var i = 0; i < others.Length; i++)
                others[i] = instances[i] == cell ? (byte)0 : (byte)1;
            Insert(DistanceTransform.Compute(others, size), nearest, second);
        }

        var weights = new float[instances.Length];
        for (var i = 0; i < weights.Length; i++)
        {
            var sum = (double)nearest[i] + second[i];
            weights[i] = instances[i] != 0
                ? ClassWeights.Cell
                : ClassWeights.Background + (float)(Strength * Math.Exp(-sum * sum / (2 * Reach * Reach)));
        }

        return weights;
    }

    private static SortedSet<int> Cells(ReadOnlySpan<int> instances)
    {
        var cells = new SortedSet<int>();
        var last = 0;
        foreach (var cell in instances)
        {
            if (cell != last)
                cells.Add(last = cell);
        }

        cells.Remove(0);
        return cells;
    }

    private static void Insert(float[] distances, float[] nearest, float[] second)
    {
        for (var i = 0; i < distances.Length; i++)
        {
            second[i] = Math.Min(second[i], Math.Max(nearest[i], distances[i]));
            nearest[i] = Math.Min(nearest[i], distances[i]);
        }
    }

    private static float[] Far(int count)
    {
        var distances = new float[count];
        Array.Fill(distances, float.PositiveInfinity);
        return distances;
    }
}

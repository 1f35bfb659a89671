namespace Fovea.Explain;

/// <summary>
/// What a cell of a map sees of the picture along one axis, in pixels: cell i looks at <see cref="Size"/> pixels around <see cref="Start"/> + i·<see cref="Stride"/>.
/// Exact arithmetic of the layers, whatever their weights; where branches meet, the widest counts.
/// </summary>
/// <param name="Size">Pixels seen, r.</param>
/// <param name="Stride">Pixels between neighbouring cells, j.</param>
/// <param name="Start">Centre of the first cell; the first pixel's is 0.5.</param>
public readonly record struct ReceptiveField(double Size, double Stride, double Start)
{
    /// <summary>What a pixel sees: itself.</summary>
    public static ReceptiveField OfPixel => new(1, 1, 0.5);

    /// <summary>Behind a convolution or a pool: r += (k' − 1)·j, s += ((k' − 1)/2 − p)·j, j *= stride, with k' = d·(k − 1) + 1.</summary>
    /// <param name="kernel">Cells of the window, k.</param>
    /// <param name="stride">Step between windows.</param>
    /// <param name="padding">Cells added before the first, p.</param>
    /// <param name="dilation">Distance between taps, d.</param>
    public ReceptiveField Window(long kernel, long stride = 1, double padding = 0, long dilation = 1)
    {
        var reach = (double)dilation * (kernel - 1);
        return new ReceptiveField(Size + reach * Stride, Stride * stride, Start + (reach / 2 - padding) * Stride);
    }

    /// <summary>Behind a transposed convolution, of whose inputs at most ⌈k'/stride⌉ reach a cell.</summary>
    /// <param name="kernel">Cells of the kernel, k.</param>
    /// <param name="stride">Output cells for each input cell.</param>
    /// <param name="padding">Cells cut off before the first.</param>
    /// <param name="dilation">Distance between taps, d.</param>
    public ReceptiveField Transposed(long kernel, long stride = 1, double padding = 0, long dilation = 1)
    {
        var reach = (double)dilation * (kernel - 1);
        return new ReceptiveField(
            Size + (Math.Ceiling((reach + 1) / stride) - 1) * Stride, Stride / stride, Start + (padding - reach / 2) / stride * Stride);
    }

    /// <summary>Behind a change of size by interpolation.</summary>
    /// <param name="factor">Output cells for each input cell.</param>
    /// <param name="reach">Cells besides the nearest that take part: 0 nearest, 1 linear, 3 cubic.</param>
    public ReceptiveField Resampled(double factor, int reach) =>
        new(Size + reach * Stride, Stride / factor, Start + (0.5 / factor - 0.5) * Stride);

    /// <summary>Behind what sees all cells of a map.</summary>
    /// <param name="cells">Cells of the map.</param>
    public ReceptiveField Whole(long cells) => Window(cells, cells);

    /// <summary>The pixels that a cell sees, cut at the picture's edges.</summary>
    /// <param name="cell">Number of the cell, from 0.</param>
    /// <param name="pixels">Pixels of the picture.</param>
    public (int First, int End) Pixels(long cell, int pixels)
    {
        var centre = Start + cell * Stride;
        return ((int)Math.Clamp(Math.Floor(centre - Size / 2), 0, pixels - 1), (int)Math.Clamp(Math.Ceiling(centre + Size / 2), 1, pixels));
    }
}

namespace Fovea.Ops.Kernels;

/// <summary>Anchors: boxes of given sizes and aspect ratios, repeated at every cell of a feature map.</summary>
internal static class AnchorKernel
{
    /// <summary>
    /// The anchors of one cell, centred on 0 and rounded to whole pixels (half to even), aspect ratio after aspect ratio,
    /// each in all sizes: rows (x1, y1, x2, y2).
    /// </summary>
    /// <param name="sizes">Square roots of the areas, pixels.</param>
    /// <param name="ratios">Aspect ratios, height / width.</param>
    public static float[] Cell(ReadOnlySpan<float> sizes, ReadOnlySpan<float> ratios)
    {
        var anchors = new float[4 * sizes.Length * ratios.Length];
        var i = 0;
        foreach (var ratio in ratios)
        {
            var tall = MathF.Sqrt(ratio);
            var wide = 1 / tall;
            foreach (var size in sizes)
            {
                var (halfWidth, halfHeight) = (MathF.Round(wide * size / 2), MathF.Round(tall * size / 2));
                (anchors[i++], anchors[i++], anchors[i++], anchors[i++]) = (-halfWidth, -halfHeight, halfWidth, halfHeight);
            }
        }

        return anchors;
    }

    /// <summary>The anchors of all cells of a map, row after row: rows (x1, y1, x2, y2).</summary>
    /// <param name="cell">Anchors of one cell.</param>
    /// <param name="grid">Cells of the map.</param>
    /// <param name="stride">Pixels per cell.</param>
    /// <param name="result">grid.Height x grid.Width x (anchors of a cell) boxes.</param>
    public static void Grid(ReadOnlyMemory<float> cell, ImageSize grid, ImageSize stride, Memory<float> result)
    {
        var perRow = grid.Width * cell.Length;
        Cores.For(grid.Height, Math.Max(1, 65536 / Math.Max(1, perRow)), (from, to) =>
        {
            var target = result.Span[(from * perRow)..];
            var i = 0;
            for (var row = from; row < to; row++)
            {
                for (var column = 0; column < grid.Width; column++)
                {
                    float x = column * stride.Width, y = row * stride.Height;
                    foreach (var anchor in System.Runtime.InteropServices.MemoryMarshal.Cast<float, Box>(cell.Span))
                    {
                        target[i] = anchor.X1 + x;
                        target[i + 1] = anchor.Y1 + y;
                        target[i + 2] = anchor.X2 + x;
                        target[i + 3] = anchor.Y2 + y;
                        i += 4;
                    }
                }
            }
        });
    }
}

namespace Fovea.Transforms.Kernels;

/// <summary>A coarse grid of numbers over a picture, from edge to edge, with cubic (Catmull-Rom) interpolation between its nodes.</summary>
internal sealed class CubicGrid
{
    private readonly double[,] nodes;
    private readonly double scaleX;
    private readonly double scaleY;

    public CubicGrid(double[,] nodes, ImageSize size)
    {
        if (nodes.GetLength(0) < 2 || nodes.GetLength(1) < 2)
            throw new ArgumentException($"found a grid of {nodes.GetLength(0)}x{nodes.GetLength(1)} nodes, expected at least 2 a side", nameof(nodes));
        this.nodes = nodes;
        scaleX = (nodes.GetLength(1) - 1.0) / size.Width;
        scaleY = (nodes.GetLength(0) - 1.0) / size.Height;
    }

    /// <summary>No value is further from 0: the four weights sum to at most 1.25 in size, in each direction.</summary>
    public float Bound => (float)(1.25 * 1.25 * nodes.Cast<double>().Max(Math.Abs));

    public double At(double x, double y)
    {
        Span<double> line = stackalloc double[nodes.GetLength(1)];
        AcrossRows(y, line);
        return Along(line, x * scaleX);
    }

    /// <summary>The values at the pixel centres of a row.</summary>
    public void Row(int row, int first, Span<float> values)
    {
        Span<double> line = stackalloc double[nodes.GetLength(1)];
        AcrossRows(row + 0.5, line);
        for (var i = 0; i < values.Length; i++)
            values[i] = (float)Along(line, (first + i + 0.5) * scaleX);
    }

    private void AcrossRows(double y, Span<double> line)
    {
        Span<double> column = stackalloc double[nodes.GetLength(0)];
        for (var j = 0; j < line.Length; j++)
        {
            for (var i = 0; i < column.Length; i++)
                column[i] = nodes[i, j];
            line[j] = Along(column, y * scaleY);
        }
    }

    // Beyond the ends the last node repeats.
    private static double Along(ReadOnlySpan<double> line, double position)
    {
        position = Math.Clamp(position, 0, line.Length - 1);
        var left = Math.Min((int)position, line.Length - 2);
        var t = position - left;
        var (p0, p1, p2, p3) = (line[Math.Max(left - 1, 0)], line[left], line[left + 1], line[Math.Min(left + 2, line.Length - 1)]);
        return p1 + 0.5 * t * (p2 - p0 + t * (2 * p0 - 5 * p1 + 4 * p2 - p3 + t * (3 * (p1 - p2) + p3 - p0)));
    }
}

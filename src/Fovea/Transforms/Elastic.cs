using Fovea.Imaging;
using Fovea.Transforms.Kernels;

namespace Fovea.Transforms;

/// <summary>
/// Bends a picture: a coarse grid of displacements, spread over the picture from edge to edge, with bicubic interpolation
/// between (Ronneberger et al., "U-Net", 2015, section 3.1).
/// </summary>
public sealed class Elastic : SampledTransform
{
    private const int PointsPerSide = 8;

    private readonly CubicGrid columns;
    private readonly CubicGrid rows;

    /// <summary>Creates the deformation.</summary>
    /// <param name="size">Size it is for.</param>
    /// <param name="x">Pixels by which the source lies to the right of the result, at each node of the grid (rows, columns).</param>
    /// <param name="y">Pixels by which the source lies below the result, at each node of the grid (rows, columns).</param>
    /// <param name="fill">What fills pixels that come from outside.</param>
    /// <exception cref="ArgumentException">The grids differ in size or have fewer than two nodes a side.</exception>
    public Elastic(ImageSize size, double[,] x, double[,] y, Fill fill = default) : base(size, size, fill)
    {
        if (x.GetLength(0) != y.GetLength(0) || x.GetLength(1) != y.GetLength(1))
            throw new ArgumentException($"found grids of {x.GetLength(0)}x{x.GetLength(1)} and {y.GetLength(0)}x{y.GetLength(1)} nodes, expected the same", nameof(y));
        columns = new CubicGrid(x, size);
        rows = new CubicGrid(y, size);
    }

    /// <inheritdoc/>
    public override Projection? Placement => null;

    /// <summary>None: a deformation may fold.</summary>
    public override ITransform? Inverse => null;

    /// <inheritdoc/>
    public override Box Map(Box box)
    {
        var (left, top, right, bottom) = (double.MaxValue, double.MaxValue, double.MinValue, double.MinValue);
        for (var i = 0; i <= PointsPerSide; i++)
        {
            var (x, y) = (box.X1 + box.Width * i / (double)PointsPerSide, box.Y1 + box.Height * i / (double)PointsPerSide);
            Include(Map(x, box.Y1));
            Include(Map(x, box.Y2));
            Include(Map(box.X1, y));
            Include(Map(box.X2, y));
        }

        return new Box((float)left, (float)top, (float)right, (float)bottom);

        void Include((double X, double Y) point)
        {
            (left, top) = (Math.Min(left, point.X), Math.Min(top, point.Y));
            (right, bottom) = (Math.Max(right, point.X), Math.Max(bottom, point.Y));
        }
    }

    /// <inheritdoc/>
    public override (double X, double Y) Map(double x, double y)
    {
        // The grid says where a pixel of the result comes from; the way forward is found by repetition.
        var (u, v) = (x, y);
        for (var i = 0; i < 20; i++)
            (u, v) = (x - columns.At(u, v), y - rows.At(u, v));
        return (u, v);
    }

    private protected override Image MapColours(Image image, double[] fill)
    {
        var (x, y) = (new float[To.Height * To.Width], new float[To.Height * To.Width]);
        for (var row = 0; row < To.Height; row++)
            SourceOf(row, 0, x.AsSpan(row * To.Width, To.Width), y.AsSpan(row * To.Width, To.Width));
        return image.Remap(x, y, To, value: fill);
    }

    // Where the picture folds, one place of the source shows up in several of the result, all within the greatest displacement.
    private protected override Box Reach(Box box) => new(
        box.X1 - columns.Bound, box.Y1 - rows.Bound, box.X2 + columns.Bound, box.Y2 + rows.Bound);

    private protected override void SourceOf(int row, int first, Span<float> x, Span<float> y)
    {
        columns.Row(row, first, x);
        rows.Row(row, first, y);
        for (var i = 0; i < x.Length; i++)
        {
            x[i] += first + i + 0.5f;
            y[i] += row + 0.5f;
        }
    }
}

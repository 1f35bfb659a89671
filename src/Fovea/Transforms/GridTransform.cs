using Fovea.Imaging;
using Fovea.Transforms.Kernels;

namespace Fovea.Transforms;

/// <summary>
/// A transform that keeps rows rows and columns columns, so that every pixel of a mask or label map is one pixel of the
/// source: scaling, mirroring, cutting and padding.
/// </summary>
public abstract class GridTransform : GeometricTransform
{
    private readonly Projection placement;

    private protected GridTransform(ImageSize from, ImageSize to, Projection placement) : base(from, to) => this.placement = placement;

    /// <inheritdoc/>
    public sealed override Projection? Placement => placement;

    /// <inheritdoc/>
    public sealed override Box Map(Box box) => placement.Map(box);

    /// <inheritdoc/>
    public sealed override (double X, double Y) Map(double x, double y) => placement.Map(x, y);

    /// <summary>The source column of every column of the result, -1 for none.</summary>
    private protected abstract int[] SourceColumns();

    /// <summary>The source row of every row of the result, -1 for none.</summary>
    private protected abstract int[] SourceRows();

    private protected sealed override RunLengthMask Map(RunLengthMask mask) =>
        RunLengths.Remap(mask, SourceColumns(), SourceRows(), flipRows: placement.E < 0);

    private protected sealed override T[] Pick<T>(ReadOnlySpan<T> source, T outside)
    {
        var (columns, rows) = (SourceColumns(), SourceRows());
        var values = new T[rows.Length * columns.Length];
        var previous = -1;
        for (var row = 0; row < rows.Length; row++)
        {
            var target = values.AsSpan(row * columns.Length, columns.Length);
            if (rows[row] < 0)
                target.Fill(outside);
            else if (row > 0 && rows[row] == previous)
                values.AsSpan((row - 1) * columns.Length, columns.Length).CopyTo(target);
            else
                PickRow(source.Slice(rows[row] * From.Width, From.Width), columns, outside, target);
            previous = rows[row];
        }

        return values;
    }

    private static void PickRow<T>(ReadOnlySpan<T> source, int[] columns, T outside, Span<T> target)
    {
        for (var column = 0; column < target.Length; column++)
            target[column] = columns[column] < 0 ? outside : source[columns[column]];
    }
}

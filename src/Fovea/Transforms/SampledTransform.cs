using Fovea.Imaging;

namespace Fovea.Transforms;

/// <summary>
/// A transform that looks up, for every pixel of the result, where in the source it comes from: colours between the four
/// nearest pixels, masks and label maps from the nearest.
/// </summary>
public abstract class SampledTransform : GeometricTransform
{
    private readonly Fill fill;

    private protected SampledTransform(ImageSize from, ImageSize to, Fill fill) : base(from, to) => this.fill = fill;

    /// <summary>Where the pixels of a row of the result come from.</summary>
    /// <param name="row">Row of the result.</param>
    /// <param name="first">First column of the result.</param>
    /// <param name="x">Receives source columns, continuous coordinates.</param>
    /// <param name="y">Receives source rows, continuous coordinates.</param>
    private protected abstract void SourceOf(int row, int first, Span<float> x, Span<float> y);

    /// <summary>A box that holds every pixel of the result that may come from a box of the source.</summary>
    private protected abstract Box Reach(Box box);

    /// <summary>Looks up colours.</summary>
    /// <param name="image">The source.</param>
    /// <param name="fill">Colour of the outside, one value a channel.</param>
    private protected abstract Image MapColours(Image image, double[] fill);

    private protected sealed override Image Map(Image image) =>
        MapColours(image, [.. fill.For(image.Channels).Select(static value => (double)value)]);

    private protected sealed override T[] Pick<T>(ReadOnlySpan<T> source, T outside)
    {
        var values = new T[To.Height * To.Width];
        var (x, y) = (new float[To.Width], new float[To.Width]);
        for (var row = 0; row < To.Height; row++)
        {
            SourceOf(row, 0, x, y);
            Nearest(source, From, x, y, outside, values.AsSpan(row * To.Width, To.Width));
        }

        return values;
    }

    private protected sealed override RunLengthMask Map(RunLengthMask mask)
    {
        var bitmap = new byte[To.Height * To.Width];
        var source = mask.ToBitmap();
        var reach = Reach(mask.BoundingBox);
        // One pixel of margin for rounding.
        var (left, top) = ((int)Math.Clamp(Math.Floor(reach.X1) - 1, 0, To.Width), (int)Math.Clamp(Math.Floor(reach.Y1) - 1, 0, To.Height));
        var (right, bottom) = ((int)Math.Clamp(Math.Ceiling(reach.X2) + 1, left, To.Width), (int)Math.Clamp(Math.Ceiling(reach.Y2) + 1, top, To.Height));
        var (x, y) = (new float[right - left], new float[right - left]);
        for (var row = top; row < bottom; row++)
        {
            SourceOf(row, left, x, y);
            Nearest<byte>(source, From, x, y, 0, bitmap.AsSpan(row * To.Width + left, right - left));
        }

        return RunLengthMask.FromBitmap(bitmap, To);
    }

    private static void Nearest<T>(ReadOnlySpan<T> source, ImageSize size, ReadOnlySpan<float> x, ReadOnlySpan<float> y, T outside, Span<T> target)
    {
        for (var i = 0; i < target.Length; i++)
        {
            var (column, row) = ((int)MathF.Floor(x[i]), (int)MathF.Floor(y[i]));
            target[i] = (uint)column < (uint)size.Width && (uint)row < (uint)size.Height ? source[row * size.Width + column] : outside;
        }
    }
}

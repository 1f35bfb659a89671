using Fovea.Imaging.Native;

namespace Fovea.Imaging;

/// <content>
/// Warps. All coordinates are continuous: the centre of the first pixel is at (0.5, 0.5). OpenCV rounds source positions to
/// 1/32 pixel.
/// </content>
public sealed partial class Image
{
    /// <summary>Moves the picture by an affine map.</summary>
    /// <param name="matrix">a, b, c, d, e, f of x' = a x + b y + c, y' = d x + e y + f, from this picture to the result.</param>
    /// <param name="size">Size of the result.</param>
    /// <param name="interpolation">Nearest, bilinear or cubic.</param>
    /// <param name="border">What lies outside this picture.</param>
    /// <param name="value">For <see cref="BorderMode.Constant"/>: one value for all channels or one for each; none is black.</param>
    /// <exception cref="ArgumentException">The map has no inverse, or there are not six numbers.</exception>
    public unsafe Image WarpAffine(ReadOnlySpan<double> matrix, ImageSize size, Interpolation interpolation = Interpolation.Bilinear,
        BorderMode border = BorderMode.Constant, params double[] value)
    {
        if (matrix.Length != 6)
            throw new ArgumentException($"found {matrix.Length} numbers, expected the 6 of an affine map", nameof(matrix));
        var inverse = IndexInverse([.. matrix, 0, 0, 1]);
        var (target, fill, flag) = (new Image(size, Channels, Type), Fill(value), WarpFlag(interpolation));
        ImageNative.Run(this, target, "warping", (from, to) => ImageNative.WarpAffine(from, to, inverse.AsSpan(0, 6), flag, (int)border, fill));
        return target;
    }

    /// <summary>Moves the picture by a projective map.</summary>
    /// <param name="matrix">a to i, row by row, of x' = (a x + b y + c) / w, y' = (d x + e y + f) / w, w = g x + h y + i, from this picture
    /// to the result.</param>
    /// <param name="size">Size of the result.</param>
    /// <param name="interpolation">Nearest, bilinear or cubic.</param>
    /// <param name="border">What lies outside this picture.</param>
    /// <param name="value">For <see cref="BorderMode.Constant"/>: one value for all channels or one for each; none is black.</param>
    /// <exception cref="ArgumentException">The map has no inverse, or there are not nine numbers.</exception>
    public unsafe Image WarpPerspective(ReadOnlySpan<double> matrix, ImageSize size, Interpolation interpolation = Interpolation.Bilinear,
        BorderMode border = BorderMode.Constant, params double[] value)
    {
        if (matrix.Length != 9)
            throw new ArgumentException($"found {matrix.Length} numbers, expected the 9 of a projective map", nameof(matrix));
        var inverse = IndexInverse(matrix);
        var (target, fill, flag) = (new Image(size, Channels, Type), Fill(value), WarpFlag(interpolation));
        ImageNative.Run(this, target, "warping", (from, to) => ImageNative.WarpPerspective(from, to, inverse, flag, (int)border, fill));
        return target;
    }

    /// <summary>Takes every pixel from a place of its own.</summary>
    /// <param name="x">For every pixel of the result, row by row, the column in this picture it comes from.</param>
    /// <param name="y">The row.</param>
    /// <param name="size">Size of the result.</param>
    /// <param name="interpolation">Nearest, bilinear or cubic.</param>
    /// <param name="border">What lies outside this picture.</param>
    /// <param name="value">For <see cref="BorderMode.Constant"/>: one value for all channels or one for each; none is black.</param>
    /// <exception cref="ArgumentException">The maps are not of the size.</exception>
    public unsafe Image Remap(ReadOnlySpan<float> x, ReadOnlySpan<float> y, ImageSize size, Interpolation interpolation = Interpolation.Bilinear,
        BorderMode border = BorderMode.Constant, params double[] value)
    {
        if (x.Length != size.Height * size.Width || y.Length != x.Length)
            throw new ArgumentException($"found {x.Length} columns and {y.Length} rows, expected {size.Height * size.Width} of each for {size}", nameof(x));
        float[] columns = new float[x.Length], rows = new float[x.Length];
        for (var i = 0; i < columns.Length; i++)
            (columns[i], rows[i]) = (x[i] - 0.5f, y[i] - 0.5f);
        var (target, fill, flag) = (new Image(size, Channels, Type), Fill(value), WarpFlag(interpolation));
        ImageNative.Run(this, target, "remapping", (from, to) => ImageNative.Remap(from, to, columns, rows, flag, (int)border, fill));
        return target;
    }

    private static int WarpFlag(Interpolation interpolation) => interpolation is Interpolation.Nearest or Interpolation.Bilinear or Interpolation.Cubic
        ? (int)interpolation
        : throw new ArgumentException($"found {interpolation}, expected {nameof(Interpolation.Nearest)}, {nameof(Interpolation.Bilinear)} or {nameof(Interpolation.Cubic)}; a warp does not smooth", nameof(interpolation));

    // OpenCV counts pixels, whose centres lie half a pixel after their number: source = M^-1 (target + 1/2) - 1/2.
    private static double[] IndexInverse(ReadOnlySpan<double> m)
    {
        var (a, b, c) = (m[4] * m[8] - m[5] * m[7], m[2] * m[7] - m[1] * m[8], m[1] * m[5] - m[2] * m[4]);
        var determinant = m[0] * a + m[3] * b + m[6] * c;
        if (!double.IsNormal(determinant))
            throw new ArgumentException($"found a map with determinant {determinant}, which has no inverse", nameof(m));
        double[] inverse =
        [
            a, b, c,
            m[5] * m[6] - m[3] * m[8], m[0] * m[8] - m[2] * m[6], m[2] * m[3] - m[0] * m[5],
            m[3] * m[7] - m[4] * m[6], m[1] * m[6] - m[0] * m[7], m[0] * m[4] - m[1] * m[3],
        ];
        for (var i = 0; i < 9; i++)
            inverse[i] /= determinant;
        for (var row = 0; row < 9; row += 3)
            inverse[row + 2] += (inverse[row] + inverse[row + 1]) / 2;
        for (var column = 0; column < 3; column++)
        {
            inverse[column] -= inverse[6 + column] / 2;
            inverse[3 + column] -= inverse[6 + column] / 2;
        }

        return inverse;
    }
}

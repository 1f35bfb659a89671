using Fovea.Imaging;

namespace Fovea.Transforms.Kernels;

/// <summary>Finds the principal colours of pictures.</summary>
internal static class ColourCovariance
{
    private const int Sweeps = 30;

    /// <summary>
    /// The eigenvectors of the covariance of red, green and blue over all pixels. The lengths are standard deviations: an
    /// eigenvalue would be a squared colour, which cannot be added to one.
    /// </summary>
    /// <exception cref="FoveaException">There are no pictures.</exception>
    public static PrincipalColours Principal(IEnumerable<Image> pictures)
    {
        var matrix = Covariance(pictures);
        var vectors = new double[,] { { 1, 0, 0 }, { 0, 1, 0 }, { 0, 0, 1 } };
        for (var sweep = 0; sweep < Sweeps; sweep++)
        {
            Rotate(matrix, vectors, 0, 1);
            Rotate(matrix, vectors, 0, 2);
            Rotate(matrix, vectors, 1, 2);
        }

        var order = Enumerable.Range(0, 3).OrderByDescending(i => matrix[i, i]).ToList();
        return new PrincipalColours(
            [.. order.Select(i => Math.Sqrt(Math.Max(0, matrix[i, i])))],
            [.. order.Select(i => (IReadOnlyList<double>)[vectors[0, i], vectors[1, i], vectors[2, i]])]);
    }

    private static double[,] Covariance(IEnumerable<Image> pictures)
    {
        var (sums, products, count) = (new double[3], new double[3, 3], 0L);
        foreach (var picture in pictures)
        {
            for (var at = 0; at < picture.Data.Length; at += 3)
            {
                for (var i = 0; i < 3; i++)
                {
                    sums[i] += picture.Data[at + i];
                    for (var j = i; j < 3; j++)
                        products[i, j] += picture.Data[at + i] * picture.Data[at + j];
                }
            }

            count += picture.Width * picture.Height;
        }

        if (count == 0)
            throw new FoveaException("pca_colour: found no pictures to take the principal colours from, expected at least one");
        var covariance = new double[3, 3];
        for (var i = 0; i < 3; i++)
        {
            for (var j = 0; j < 3; j++)
                covariance[i, j] = (products[Math.Min(i, j), Math.Max(i, j)] / count - sums[i] / count * (sums[j] / count)) / (255.0 * 255.0);
        }

        return covariance;
    }

    // Jacobi's rotation that makes an element off the diagonal zero.
    private static void Rotate(double[,] matrix, double[,] vectors, int p, int q)
    {
        if (matrix[p, q] == 0)
            return;
        var theta = (matrix[q, q] - matrix[p, p]) / (2 * matrix[p, q]);
        var tangent = (theta >= 0 ? 1 : -1) / (Math.Abs(theta) + Math.Sqrt(theta * theta + 1));
        var cosine = 1 / Math.Sqrt(tangent * tangent + 1);
        var sine = tangent * cosine;
        for (var k = 0; k < 3; k++)
            (matrix[k, p], matrix[k, q]) = (cosine * matrix[k, p] - sine * matrix[k, q], sine * matrix[k, p] + cosine * matrix[k, q]);
        for (var k = 0; k < 3; k++)
        {
            (matrix[p, k], matrix[q, k]) = (cosine * matrix[p, k] - sine * matrix[q, k], sine * matrix[p, k] + cosine * matrix[q, k]);
            (vectors[k, p], vectors[k, q]) = (cosine * vectors[k, p] - sine * vectors[k, q], sine * vectors[k, p] + cosine * vectors[k, q]);
        }
    }
}

using Fovea.Torch;

namespace Fovea;

/// <summary>
/// ZCA whitening (Bell and Sejnowski 1997; of pictures Krizhevsky 2009, appendix A): a picture, taken as one long vector, is
/// centred and multiplied by the matrix that makes all its numbers uncorrelated with variance 1 and moves them as little as
/// possible. It is fitted on training data and travels with the weights.
/// </summary>
/// <param name="mean">Mean of every number of a picture, channel by channel; D of them.</param>
/// <param name="matrix">The symmetric matrix, row-major; D times D numbers.</param>
/// <exception cref="ArgumentException">The lengths do not fit.</exception>
public sealed class Whitening(float[] mean, float[] matrix)
{
    private readonly float[] matrix = matrix.LongLength == mean.LongLength * mean.LongLength
        ? matrix
        : throw new ArgumentException($"found {matrix.LongLength} numbers, expected {mean.Length} times {mean.Length}", nameof(matrix));

    /// <summary>Mean of every number of a picture.</summary>
    public IReadOnlyList<float> Mean => mean;

    /// <summary>The matrix, row-major.</summary>
    public IReadOnlyList<float> Matrix => matrix;

    /// <summary>Fits the whitening to training pictures.</summary>
    /// <param name="batches">Pictures <c>[N, C, H, W]</c> of one size, as they come before whitening; enumerated once.</param>
    /// <param name="epsilon">Added to every variance, so that directions in which the pictures hardly vary are not blown up.</param>
    /// <exception cref="FoveaException">There are no pictures, or they differ in size.</exception>
    public static Whitening Fit(IEnumerable<Tensor> batches, double epsilon)
    {
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        Tensor? sums = null, products = null;
        var count = 0L;
        foreach (var batch in batches)
        {
            using var inner = new TensorScope();
            var rows = batch.To(Dtype.Float64).Reshape([batch.Shape[0], -1]);
            sums ??= inner.Keep(Tensor.Zeros([rows.Shape[1]], Dtype.Float64));
            products ??= inner.Keep(Tensor.Zeros([rows.Shape[1], rows.Shape[1]], Dtype.Float64));
            if (rows.Shape[1] != sums.Shape[0])
                throw new FoveaException($"whitening: found pictures of {rows.Shape[1]} numbers beside some of {sums.Shape[0]}, expected one size; give preprocessing.size_rule: exact");
            sums.AddInPlace(rows.Sum([0]));
            products.AddInPlace(rows.T().Mm(rows));
            count += rows.Shape[0];
        }

        if (sums is null || products is null)
            throw new FoveaException("whitening: found no training pictures, expected at least one");
        var mean = sums / count;
        var covariance = products / count - mean.View([-1, 1]) * mean + Aten.Eye(mean.Shape[0], Dtype.Float64) * epsilon;
        var (values, vectors) = covariance.LinalgEigh();
        var whitening = (vectors * values.Sqrt().Reciprocal()).Mm(vectors.T());
        return new Whitening(mean.To(Dtype.Float32).ToArray<float>(), whitening.To(Dtype.Float32).ToArray<float>());
    }

    /// <summary>Whitens pictures.</summary>
    /// <param name="images"><c>[N, C, H, W]</c> float32 on the CPU.</param>
    /// <returns>The whitened pictures, made in the open scope.</returns>
    /// <exception cref="FoveaException">The pictures have another size than those it was fitted on.</exception>
    public Tensor Apply(Tensor images)
    {
        using var scope = new TensorScope();
        var rows = images.Reshape([images.Shape[0], -1]);
        if (rows.Shape[1] != mean.Length)
            throw new FoveaException($"whitening: found pictures of {images.Shape} with {rows.Shape[1]} numbers each, expected the {mean.Length} of the training pictures");
        var centred = rows - Tensor.FromArray(mean);
        return scope.Keep(centred.Mm(Tensor.FromArray(matrix, [mean.Length, mean.Length])).View(images.Shape));
    }
}

using Fovea.Torch;

namespace Fovea.Transforms;

/// <summary>
/// Global contrast normalisation (Coates, Ng and Lee 2011; Goodfellow et al., "Maxout networks", 2013): the mean of each picture
/// is subtracted, over all its channels, and what is left is scaled to one length.
/// </summary>
internal static class ContrastNormalization
{
    // A picture of one colour has no contrast to scale.
    private const double Least = 1e-8;

    /// <summary>Applies what the preprocessing asks for beyond mean and standard deviation.</summary>
    /// <param name="images"><c>[N, C, H, W]</c>.</param>
    /// <param name="preprocessing">The length, and the whitening that follows.</param>
    /// <returns>The pictures as they were when it asks for nothing; otherwise new ones in the open scope, with the layout of the old.</returns>
    public static Tensor Apply(Tensor images, Preprocessing preprocessing)
    {
        if (preprocessing is { ContrastNorm: 0, Whitening: null })
            return images;
        using var scope = new TensorScope();
        var changed = preprocessing.ContrastNorm > 0 ? Scaled(images.Contiguous(), preprocessing.ContrastNorm) : images.Contiguous();
        if (preprocessing.Whitening is { } whitening)
            changed = whitening.Apply(changed);
        return scope.Keep(images.IsContiguous() ? changed : changed.Contiguous(MemoryFormat.ChannelsLast));
    }

    private static Tensor Scaled(Tensor images, double length)
    {
        // In single precision the rounding of the mean is contrast enough to be blown up where a picture has none.
        var rows = images.Reshape([images.Shape[0], -1]).To(Dtype.Float64);
        rows -= rows.Mean([1], true);
        var norms = (rows * rows).Sum([1], true).Sqrt();
        return (rows * (length / Aten.Where(norms.Lt(Least), Tensor.Ones(norms.Shape, Dtype.Float64), norms))).To(images.Dtype).View(images.Shape);
    }
}

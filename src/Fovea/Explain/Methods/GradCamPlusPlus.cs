using Fovea.Torch;

namespace Fovea.Explain;

/// <summary>
/// Grad-CAM++ (Chattopadhay, Sarkar, Howlader, Balasubramanian, WACV 2018), equations 8, 9 and 19: gradients count cell by cell, so that
/// several objects of a class all show. With Y = exp(S): α = g²/(2g² + ΣA·g³), weights Σ α·ReLU(g), and what is positive of the sum.
/// </summary>
/// <remarks>The common factor exp(S) of the weights is left out; it only scales.</remarks>
public static class GradCamPlusPlus
{
    /// <summary>The map, <c>[h, w]</c> of the layer's size, 0 or more; in the caller's scope.</summary>
    /// <param name="subject">What is asked.</param>
    /// <param name="layer">The layer, or null for <see cref="LayerChoice.Default(Subject)"/>.</param>
    /// <param name="normalised">Whether α is divided by its sum over each map, as the authors' program does and the paper does not.</param>
    /// <exception cref="FoveaException">The layer gives no maps, or the score does not depend on it.</exception>
    public static Tensor Map(Subject subject, NamedLayer? layer = null, bool normalised = false) =>
        LayerMaps.Of(subject, layer ?? LayerChoice.Default(subject), (maps, gradients) =>
        {
            var squares = gradients.Square();
            var denominators = squares * 2 + maps.Sum([1, 2], keepdim: true) * squares * gradients;
            var none = denominators.Eq(0);
            var alpha = (squares / denominators.MaskedFill(none, 1)).MaskedFill(none, 0);
            if (normalised)
            {
                var sums = alpha.Sum([1, 2], keepdim: true);
                alpha = alpha / sums.MaskedFill(sums.Eq(0), 1);
            }

            return ((alpha * gradients.Relu()).Sum([1, 2], keepdim: true) * maps).Sum([0]).Relu();
        });
}

using Fovea.Torch;

namespace Fovea.Explain;

/// <summary>
/// HiResCAM (Draelos, Carin, 2020), equation 8: a layer's maps weighed by the score's gradients cell by cell, Σ_k ∂S/∂A_k ⊙ A_k, and what is
/// positive of it. Where the gradient is the same in all cells, as below a mean over the image, it is <see cref="GradCam"/>; where it is not, as for a
/// box or a region, it leaves out the places that the score does not depend on, which a mean of the gradients lights up too.
/// </summary>
public static class HiResCam
{
    /// <summary>The map, <c>[h, w]</c> of the layer's size, 0 or more; in the caller's scope.</summary>
    /// <param name="subject">What is asked.</param>
    /// <param name="layer">The layer, or null for <see cref="LayerChoice.Default(Subject)"/>.</param>
    /// <exception cref="FoveaException">The layer gives no maps, or the score does not depend on it.</exception>
    public static Tensor Map(Subject subject, NamedLayer? layer = null) =>
        LayerMaps.Of(subject, layer ?? LayerChoice.Default(subject), static (maps, gradients) => (gradients * maps).Sum([0]).Relu());
}

using Fovea.Torch;

namespace Fovea.Explain;

/// <summary>
/// Grad-CAM (Selvaraju, Cogswell, Das, Vedantam, Parikh, Batra, ICCV 2017), equations 1 and 2: a layer's maps weighed by the means of the
/// score's gradients by them, α_k = (1/Z)·Σ ∂S/∂A_k, and what is positive of their sum. On a network that <see cref="ClassActivationMap"/>
/// knows it is that map's positive part over Z.
/// </summary>
public static class GradCam
{
    /// <summary>The map, <c>[h, w]</c> of the layer's size, 0 or more; in the caller's scope.</summary>
    /// <param name="subject">What is asked.</param>
    /// <param name="layer">The layer, or null for <see cref="LayerChoice.Default(Subject)"/>.</param>
    /// <exception cref="FoveaException">The layer gives no maps, or the score does not depend on it.</exception>
    public static Tensor Map(Subject subject, NamedLayer? layer = null) =>
        LayerMaps.Of(subject, layer ?? LayerChoice.Default(subject), static (maps, gradients) =>
            (gradients.Mean([1, 2], keepdim: true) * maps).Sum([0]).Relu());
}

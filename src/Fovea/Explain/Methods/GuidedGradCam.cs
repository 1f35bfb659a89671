using Fovea.Torch;

namespace Fovea.Explain;

/// <summary>Grad-CAM (Selvaraju et al. 2017), section 3.2: <see cref="GradCam"/>, enlarged, times <see cref="GuidedBackpropagation"/>: sharp and of the class alone.</summary>
public static class GuidedGradCam
{
    /// <summary>The product, <c>[C, H, W]</c>, in the caller's scope.</summary>
    /// <param name="subject">What is asked.</param>
    /// <param name="layer">The layer of Grad-CAM, or null for <see cref="LayerChoice.Default(Subject)"/>.</param>
    /// <exception cref="FoveaException">The layer gives no maps, or the network has no rectifier.</exception>
    public static Tensor Gradient(Subject subject, NamedLayer? layer = null)
    {
        using var scope = new TensorScope();
        return scope.Keep(LayerMaps.Enlarge(GradCam.Map(subject, layer), subject.Size) * GuidedBackpropagation.Gradient(subject));
    }
}

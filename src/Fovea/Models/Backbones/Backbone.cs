using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Models.Backbones;

/// <summary>A network from images to feature maps of falling resolution, which heads and necks build on.</summary>
public abstract class Backbone : Module
{
    /// <summary>Channels of the images.</summary>
    public abstract int InChannels { get; }

    /// <summary>The feature maps it gives, finest first.</summary>
    public abstract IReadOnlyList<FeatureInfo> Features { get; }

    /// <summary>The feature maps of some stages, in the order asked for; what lies behind the last of them is not computed.</summary>
    /// <param name="images"><c>[N, C, H, W]</c>.</param>
    /// <param name="stages">Positions in <see cref="Features"/>; all of them when none is given.</param>
    public abstract IReadOnlyList<Tensor> Forward(Tensor images, params ReadOnlySpan<int> stages);
}

using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Models.Backbones;

/// <summary>The ways past a residual block that section 3.3 of He et al. 2016 compares.</summary>
public enum ResNetShortcut
{
    /// <summary>Option A: where the shape changes cells are left out and channels of zeros added; nothing to learn.</summary>
    ZeroPadding,

    /// <summary>Option B: where the shape changes a 1x1 convolution and a norm, elsewhere the input itself.</summary>
    Projection,

    /// <summary>Option C: a 1x1 convolution and a norm at every block.</summary>
    ProjectionEverywhere,
}

/// <summary>Every so many cells of the input, with channels of zeros, half of them before and half behind its own.</summary>
internal sealed class ZeroPaddingShortcut(int inChannels, int outChannels, int stride) : Layer
{
    private readonly long before = (outChannels - inChannels) / 2;
    private readonly long behind = outChannels - inChannels - (outChannels - inChannels) / 2;

    protected override Tensor Compute(Tensor input) =>
        input.Slice(2, null, null, stride).Slice(3, null, null, stride).ConstantPadNd([0, 0, 0, 0, before, behind]);
}

namespace Fovea.Models.Segmentation;

/// <summary>How a decoder doubles the resolution.</summary>
public enum UpsamplingKind
{
    /// <summary>A transposed convolution with a 2x2 kernel, whose outputs do not overlap.</summary>
    Transposed,

    /// <summary>Every cell four times, then a 3x3 convolution, which leaves no checkerboard (Odena et al. 2016).</summary>
    Nearest,

    /// <summary>Bilinear interpolation (half-pixel centres), then a 3x3 convolution.</summary>
    Bilinear,
}

/// <summary>How a U-Net is put together; as in the paper where nothing is set.</summary>
public sealed record UNetOptions
{
    /// <summary>The normalisation after every 3x3 convolution of a level.</summary>
    public NormKind Norm { get; init; }

    /// <summary>Whether the 3x3 convolutions have a bias; null for: where no normalisation follows.</summary>
    public bool? HasConvolutionBias { get; init; }

    /// <summary>Share of the elements dropped at the end of the way down in training.</summary>
    public double Dropout { get; init; }

    /// <summary>How the way up doubles the resolution; the convolution that does it halves the channels.</summary>
    public UpsamplingKind Upsampling { get; init; }

    /// <summary>What weighs the map of every level after its two convolutions.</summary>
    public MapGate Gate { get; init; }

    /// <summary>Whether the map from below gates the skip (Oktay et al. 2018).</summary>
    public bool HasAttentionGates { get; init; }

    /// <summary>Whether the input of a level's convolutions is added to what they give, through a 1x1 convolution where the channels differ.</summary>
    public bool IsResidual { get; init; }

    /// <summary>
    /// Whether the three coarser levels of the way up have heads of their own in training, which are compared with the map at their
    /// resolution, with weights 1/2, 1/4 and 1/8.
    /// </summary>
    public bool IsDeeplySupervised { get; init; }
}

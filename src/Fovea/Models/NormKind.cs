using Fovea.Torch.Nn;

namespace Fovea.Models;

/// <summary>What the values of a map are normalised over; every kind has a scale and a shift for each channel to learn.</summary>
public enum NormKind
{
    /// <summary>Nothing is normalised.</summary>
    None,

    /// <summary>Each channel over the batch and its pixels (Ioffe &amp; Szegedy 2015).</summary>
    Batch,

    /// <summary>Each channel of each picture over its pixels (Ulyanov et al. 2016).</summary>
    Instance,

    /// <summary>Groups of 32 channels (fewer where 32 does not divide them) of each picture (Wu &amp; He 2018).</summary>
    Group,

    /// <summary>All channels and pixels of each picture together (Ba et al. 2016).</summary>
    Layer,
}

/// <summary>Makes the layer of a <see cref="NormKind"/>.</summary>
public static class NormKinds
{
    private const int Groups = 32;

    /// <summary>The layer for a map of some channels; <see cref="Identity"/> for <see cref="NormKind.None"/>.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="channels">Channels of the map, C.</param>
    public static Layer Of(this NormKind kind, int channels) => kind switch
    {
        NormKind.None => new Identity(),
        NormKind.Batch => new BatchNorm2d(channels),
        NormKind.Instance => new InstanceNorm2d(channels, affine: true),
        NormKind.Group => new GroupNorm(Enumerable.Range(1, Groups).Last(groups => channels % groups == 0), channels),
        _ => new GroupNorm(1, channels),
    };
}

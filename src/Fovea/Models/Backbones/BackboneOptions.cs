namespace Fovea.Models.Backbones;

/// <summary>What a backbone is built with.</summary>
public sealed record BackboneOptions
{
    /// <summary>Channels of the images.</summary>
    public int InChannels { get; init; } = 3;

    /// <summary>
    /// Stride of the coarsest map; null leaves it as published. Networks that can keep their maps finer by spreading their
    /// kernels (ResNet and its kin: 8 and 16 besides 32) do so with every convolution of the stages that no longer step.
    /// </summary>
    public int? OutputStride { get; init; }
}

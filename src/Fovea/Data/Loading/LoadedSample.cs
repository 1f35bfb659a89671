using Fovea.Transforms;

namespace Fovea.Data.Loading;

/// <summary>A sample of a data set, decoded and transformed.</summary>
/// <param name="Sample">The sample as the data set has it, in original pixels.</param>
/// <param name="Scene">Its picture and annotation as the network will see them.</param>
public sealed record LoadedSample(Sample Sample, Scene Scene)
{
    /// <summary>Weight of every pixel of the scene in a cross entropy, row-major, or null where they weigh alike.</summary>
    public float[]? PixelWeights { get; init; }
}

namespace Fovea.Transforms.Augmentations;

/// <summary>Applies an augmentation to a share of all images and leaves the others alone.</summary>
/// <param name="probability">The share, 0 to 1.</param>
/// <param name="augmentation">What is applied.</param>
public sealed class Sometimes(double probability, IAugmentation augmentation) : IAugmentation
{
    /// <inheritdoc/>
    public ITransform Sample(Scene scene, RandomStream random) =>
        random.NextBool(probability) ? augmentation.Sample(scene, random) : Sequence.Nothing;
}

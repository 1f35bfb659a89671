namespace Fovea.Transforms.Augmentations;

/// <summary>Mirrors a share of the pictures.</summary>
/// <param name="horizontal">Whether left and right change places; otherwise top and bottom do.</param>
/// <param name="probability">The share, 0 to 1.</param>
public sealed class RandomFlip(bool horizontal = true, double probability = 0.5) : IAugmentation
{
    private static readonly Parameter<double> Share = Parameter.Probability(0.5);

    internal static TransformEntry HorizontalEntry { get; } = new("horizontal_flip", "Swaps left and right.", [Share],
        static values => new RandomFlip(true, values.Get(Share)));

    internal static TransformEntry VerticalEntry { get; } = new("vertical_flip", "Swaps top and bottom.", [Share],
        static values => new RandomFlip(false, values.Get(Share)));

    /// <inheritdoc/>
    public ITransform Sample(Scene scene, RandomStream random) =>
        random.NextBool(probability) ? new Flip(scene.Image.Size, horizontal) : Sequence.Nothing;
}

namespace Fovea.Transforms.Augmentations;

/// <summary>Takes the colour out of every picture.</summary>
public sealed class GreyscaleRule : IAugmentation
{
    private static readonly Greyscale Transform = new();
    private static readonly Parameter<double> Share = Parameter.Probability(1);

    internal static TransformEntry Entry { get; } = new("greyscale", "Takes the colour out; the number of channels stays.", [Share],
        static values => values.Sometimes(Share, new GreyscaleRule()));

    /// <inheritdoc/>
    public bool IsFixed => true;

    /// <inheritdoc/>
    public ITransform Sample(Scene scene, RandomStream random) => Transform;
}

namespace Fovea.Transforms.Augmentations;

/// <summary>Turns a picture by 0, 90, 180 or 270 degrees, each as often; for pictures without an up, such as micrographs.</summary>
public sealed class RandomQuarterTurn : IAugmentation
{
    internal static TransformEntry Entry { get; } = new("quarter_turn", "Turns by 0, 90, 180 or 270 degrees, each as often; no pixel is lost.", [],
        static _ => new RandomQuarterTurn());

    /// <inheritdoc/>
    public ITransform Sample(Scene scene, RandomStream random) =>
        random.NextInt(4) is > 0 and var turns ? new QuarterTurn(scene.Image.Size, turns) : Sequence.Nothing;
}

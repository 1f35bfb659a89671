namespace Fovea.Transforms.Augmentations;

/// <summary>Tilts a picture: its four corners move inwards by random distances; the size stays.</summary>
/// <param name="distortion">Greatest move of a corner, as a share of half the width and half the height, 0 to 1.</param>
/// <param name="fill">Colour of what lies outside.</param>
/// <param name="keep">Which objects stay; null for <see cref="KeepRule.Default"/>.</param>
public sealed class RandomPerspective(double distortion = 0.5, Fill fill = default, KeepRule? keep = null) : IAugmentation
{
    private static readonly Parameter<double> Distortion = Parameter.Number("distortion", 0.5, "Greatest move of a corner, as a share of half the width and half the height.", 0, 0.95);
    private static readonly Parameter<double> Share = Parameter.Probability(0.5);

    internal static TransformEntry Entry { get; } = new("random_perspective", "Tilts the picture: its corners move inwards by random distances.", [Distortion, Parameter.Filling, Parameter.MinVisible, Share],
        static values => values.Sometimes(
            Share, new RandomPerspective(values.Get(Distortion), values.Get(Parameter.Filling), new KeepRule(values.Get(Parameter.MinVisible)))));

    /// <inheritdoc/>
    public ITransform Sample(Scene scene, RandomStream random)
    {
        var (width, height) = (scene.Image.Width, scene.Image.Height);
        double Across() => random.Uniform(0, distortion * width / 2);
        double Down() => random.Uniform(0, distortion * height / 2);
        var map = Projection.Through(
            [(0, 0), (width, 0), (width, height), (0, height)],
            [(Across(), Down()), (width - Across(), Down()), (width - Across(), height - Down()), (Across(), height - Down())]);
        return new Warp(scene.Image.Size, scene.Image.Size, map, fill) { Keep = keep ?? KeepRule.Default };
    }
}

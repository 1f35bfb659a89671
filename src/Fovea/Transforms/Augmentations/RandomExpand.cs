namespace Fovea.Transforms.Augmentations;

/// <summary>Places a picture anywhere on a larger canvas, so that objects become smaller (SSD's expansion).</summary>
/// <param name="scale">Least and greatest side of the canvas, in sides of the picture; null for 1 to 4.</param>
/// <param name="fill">Colour of the canvas.</param>
public sealed class RandomExpand((double Low, double High)? scale = null, Fill fill = default) : IAugmentation
{
    private static readonly Parameter<(double Low, double High)> Scale = Parameter.Range("scale", 1, 4, "Least and greatest side of the canvas, in sides of the picture.", 1, 100);
    private static readonly Parameter<double> Share = Parameter.Probability(0.5);

    private readonly (double Low, double High) scale = scale ?? (1, 4);

    internal static TransformEntry Entry { get; } = new("expand", "Places the picture anywhere on a larger canvas (SSD's expansion).", [Scale, Parameter.Filling, Share],
        static values => values.Sometimes(Share, new RandomExpand(values.Get(Scale), values.Get(Parameter.Filling))));

    /// <inheritdoc/>
    public ITransform Sample(Scene scene, RandomStream random)
    {
        var (from, factor) = (scene.Image.Size, random.Uniform(scale.Low, scale.High));
        var to = new ImageSize((int)(from.Height * factor), (int)(from.Width * factor));
        return new Crop(from, -random.NextInt(to.Width - from.Width + 1), -random.NextInt(to.Height - from.Height + 1), to, fill);
    }
}

namespace Fovea.Transforms.Augmentations;

/// <summary>Turns, shifts, scales and slants a picture about its centre, by torchvision's formula; the size stays.</summary>
public sealed class RandomAffine : IAugmentation
{
    private static readonly Parameter<(double Low, double High)> DegreesParameter = Parameter.Spread("degrees", 0, "Angle, clockwise: a number for either direction, or [low, high].", 360, -360, floor: false);
    private static readonly Parameter<(double X, double Y)> TranslateParameter = Parameter.Both("translate", "Greatest shift, as a share of the width and of the height.", 1);
    private static readonly Parameter<(double Low, double High)> ScaleParameter = Parameter.Range("scale", 1, 1, "Least and greatest factor on the size.", 0.01, 100);
    private static readonly Parameter<(double X, double Y)> ShearParameter = Parameter.Both("shear", "Greatest slant of columns and of rows, degrees.", 80);
    private static readonly Parameter<double> Share = Parameter.Probability(1);

    internal static TransformEntry Entry { get; } = new(
        "random_affine", "Turns, shifts, scales and slants about the centre; the size stays.",
        [DegreesParameter, TranslateParameter, ScaleParameter, ShearParameter, Parameter.Filling, Parameter.MinVisible, Share],
        static values => values.Sometimes(Share, new RandomAffine
        {
            Degrees = values.Get(DegreesParameter),
            Translate = values.Get(TranslateParameter),
            Scale = values.Get(ScaleParameter),
            Shear = values.Get(ShearParameter),
            Fill = values.Get(Parameter.Filling),
            Keep = new KeepRule(values.Get(Parameter.MinVisible)),
        }));

    /// <summary>Least and greatest angle, degrees clockwise.</summary>
    public (double Low, double High) Degrees { get; init; }

    /// <summary>Greatest shift to either side, as a share of the width and of the height.</summary>
    public (double X, double Y) Translate { get; init; }

    /// <summary>Least and greatest factor on the size.</summary>
    public (double Low, double High) Scale { get; init; } = (1, 1);

    /// <summary>Greatest slant of columns and of rows to either side, degrees.</summary>
    public (double X, double Y) Shear { get; init; }

    /// <summary>Colour of what lies outside.</summary>
    public Fill Fill { get; init; }

    /// <summary>Which objects stay.</summary>
    public KeepRule Keep { get; init; } = KeepRule.Default;

    /// <inheritdoc/>
    public ITransform Sample(Scene scene, RandomStream random)
    {
        var size = scene.Image.Size;
        var angle = random.Uniform(Degrees.Low, Degrees.High);
        var (x, y) = (random.Uniform(-Translate.X, Translate.X) * size.Width, random.Uniform(-Translate.Y, Translate.Y) * size.Height);
        var scale = random.Uniform(Scale.Low, Scale.High);
        var shear = Projection.Shear(random.Uniform(-Shear.X, Shear.X), random.Uniform(-Shear.Y, Shear.Y));
        var map = Projection.Translate(Math.Round(x), Math.Round(y)) * Warp.Around(size, Projection.Rotate(angle) * shear * Projection.Scale(scale, scale));
        return map == Projection.Identity ? Sequence.Nothing : new Warp(size, size, map, Fill) { Keep = Keep };
    }
}

namespace Fovea.Transforms.Augmentations;

/// <summary>Changes brightness, contrast, saturation and hue by random factors in a random order (torchvision's colour jitter).</summary>
public sealed class ColourJitter : IAugmentation
{
    private static readonly Parameter<(double Low, double High)> BrightnessParameter = Factor("brightness");
    private static readonly Parameter<(double Low, double High)> ContrastParameter = Factor("contrast");
    private static readonly Parameter<(double Low, double High)> SaturationParameter = Factor("saturation");
    private static readonly Parameter<(double Low, double High)> HueParameter = Parameter.Spread("hue", 0, "Turn of the hue circle: a number for either direction, or [low, high].", 0.5, -0.5);
    private static readonly Parameter<double> Share = Parameter.Probability(1);

    internal static TransformEntry Entry { get; } = new(
        "colour_jitter", "Changes brightness, contrast, saturation and hue by random factors in a random order.",
        [BrightnessParameter, ContrastParameter, SaturationParameter, HueParameter, Share],
        static values => values.Sometimes(Share, new ColourJitter
        {
            Brightness = values.Get(BrightnessParameter),
            Contrast = values.Get(ContrastParameter),
            Saturation = values.Get(SaturationParameter),
            Hue = values.Get(HueParameter),
        }));

    /// <summary>Least and greatest factor on all values.</summary>
    public (double Low, double High) Brightness { get; init; } = (1, 1);

    /// <summary>Least and greatest factor on the distance from the mean grey.</summary>
    public (double Low, double High) Contrast { get; init; } = (1, 1);

    /// <summary>Least and greatest factor on the distance from a pixel's grey.</summary>
    public (double Low, double High) Saturation { get; init; } = (1, 1);

    /// <summary>Least and greatest turn of the hue circle, -0.5 to 0.5.</summary>
    public (double Low, double High) Hue { get; init; }

    /// <inheritdoc/>
    public ITransform Sample(Scene scene, RandomStream random)
    {
        (ColourProperty Property, (double Low, double High) Range, double Neutral)[] all =
        [
            (ColourProperty.Brightness, Brightness, 1), (ColourProperty.Contrast, Contrast, 1), (ColourProperty.Saturation, Saturation, 1), (ColourProperty.Hue, Hue, 0),
        ];
        var order = random.Permutation(all.Length);
        return new Recolour([.. order.Select(i => all[i]).Where(static item => item.Range != (item.Neutral, item.Neutral))
            .Select(item => (item.Property, random.Uniform(item.Range.Low, item.Range.High)))]);
    }

    private static Parameter<(double Low, double High)> Factor(string name) =>
        Parameter.Spread(name, 1, "Factor: a number for 1 plus or minus as much (not below 0), or [low, high].", 100, 0);
}

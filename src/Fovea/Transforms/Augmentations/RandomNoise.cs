namespace Fovea.Transforms.Augmentations;

/// <summary>Adds Gaussian noise of random strength.</summary>
/// <param name="std">Least and greatest standard deviation, grey levels of 0 to 255; null for 0 to 10.</param>
public sealed class RandomNoise((double Low, double High)? std = null) : IAugmentation
{
    private static readonly Parameter<(double Low, double High)> Std = Parameter.Range("std", 0, 10, "Least and greatest standard deviation, grey levels of 0 to 255.", 0, 255);
    private static readonly Parameter<double> Share = Parameter.Probability(0.5);

    private readonly (double Low, double High) std = std ?? (0, 10);

    internal static TransformEntry Entry { get; } = new("gaussian_noise", "Adds Gaussian noise of random strength.", [Std, Share],
        static values => values.Sometimes(Share, new RandomNoise(values.Get(Std))));

    /// <inheritdoc/>
    public ITransform Sample(Scene scene, RandomStream random) => new Noise(random.Uniform(std.Low, std.High), (long)random.NextUInt64());
}

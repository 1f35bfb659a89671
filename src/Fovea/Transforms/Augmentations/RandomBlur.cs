namespace Fovea.Transforms.Augmentations;

/// <summary>Smooths a picture by a Gaussian of random width.</summary>
/// <param name="sigma">Least and greatest standard deviation, pixels; null for 0.1 to 2.</param>
public sealed class RandomBlur((double Low, double High)? sigma = null) : IAugmentation
{
    private static readonly Parameter<(double Low, double High)> Sigma = Parameter.Range("sigma", 0.1, 2, "Least and greatest standard deviation, pixels.", 0.01, 100);
    private static readonly Parameter<double> Share = Parameter.Probability(0.5);

    private readonly (double Low, double High) sigma = sigma ?? (0.1, 2);

    internal static TransformEntry Entry { get; } = new("gaussian_blur", "Smooths by a Gaussian of random width.", [Sigma, Share],
        static values => values.Sometimes(Share, new RandomBlur(values.Get(Sigma))));

    /// <inheritdoc/>
    public ITransform Sample(Scene scene, RandomStream random) => new Blur(random.Uniform(sigma.Low, sigma.High));
}

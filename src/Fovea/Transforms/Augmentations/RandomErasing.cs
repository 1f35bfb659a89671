using Fovea.Imaging;

namespace Fovea.Transforms.Augmentations;

/// <summary>
/// Paints over a rectangle of random area, aspect and place (Zhong et al., "Random erasing data augmentation", 2020, algorithm 1),
/// by torchvision's rule: ten tries for one that fits, else the picture stays whole.
/// </summary>
/// <param name="scale">Least and greatest share of the picture's area; null for 0.02 to 0.33.</param>
/// <param name="ratio">Least and greatest height over width; null for 0.3 to 3.3.</param>
/// <param name="fill">Its colour.</param>
public sealed class RandomErasing((double Low, double High)? scale = null, (double Low, double High)? ratio = null, Fill fill = default) : IAugmentation
{
    private static readonly Parameter<(double Low, double High)> Scale = Parameter.Range("scale", 0.02, 0.33, "Least and greatest share of the picture's area.", 0.0001, 1);
    private static readonly Parameter<(double Low, double High)> Ratio = Parameter.Range("ratio", 0.3, 3.3, "Least and greatest height over width.", 0.01, 100);
    private static readonly Parameter<double> Share = Parameter.Probability(0.5);

    private readonly (double Low, double High) scale = scale ?? (0.02, 0.33);
    private readonly (double Low, double High) ratio = ratio ?? (0.3, 3.3);

    internal static TransformEntry Entry { get; } = new("random_erasing", "Paints over a rectangle of random area, aspect and place.", [Scale, Ratio, Cutout.Filling, Share],
        static values => values.Sometimes(Share, new RandomErasing(values.Get(Scale), values.Get(Ratio), values.Get(Cutout.Filling))));

    /// <inheritdoc/>
    public ITransform Sample(Scene scene, RandomStream random)
    {
        var from = scene.Image.Size;
        for (var attempt = 0; attempt < 10; attempt++)
        {
            var area = (double)from.Width * from.Height * random.Uniform(scale.Low, scale.High);
            var aspect = Math.Exp(random.Uniform(Math.Log(ratio.Low), Math.Log(ratio.High)));
            var (height, width) = ((int)Math.Round(Math.Sqrt(area * aspect)), (int)Math.Round(Math.Sqrt(area / aspect)));
            if (height > 0 && width > 0 && height < from.Height && width < from.Width)
                return new Erase(random.NextInt(from.Width - width + 1), random.NextInt(from.Height - height + 1), new ImageSize(height, width), fill);
        }

        return Sequence.Nothing;
    }
}

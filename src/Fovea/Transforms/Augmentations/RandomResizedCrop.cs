using Fovea.Imaging;

namespace Fovea.Transforms.Augmentations;

/// <summary>
/// Cuts out a window of random area and aspect and scales it to a fixed size (Szegedy et al., "Going deeper with
/// convolutions", 2015, section 6), by torchvision's rule: ten tries, then the largest centred window of a legal aspect.
/// </summary>
/// <param name="size">Size of the result.</param>
/// <param name="scale">Least and greatest share of the picture's area; null for 0.08 to 1.</param>
/// <param name="ratio">Least and greatest width over height; null for 3/4 to 4/3.</param>
/// <param name="interpolation">How pixel values are found.</param>
/// <param name="keep">Which objects stay; null for <see cref="KeepRule.Default"/>.</param>
public sealed class RandomResizedCrop(
    ImageSize size, (double Low, double High)? scale = null, (double Low, double High)? ratio = null,
    Interpolation interpolation = Interpolation.BilinearAntialias, KeepRule? keep = null) : IAugmentation
{
    private static readonly Parameter<ImageSize> Size = Parameter.Size("size", "Size of the result.");
    private static readonly Parameter<(double Low, double High)> Scale = Parameter.Range("scale", 0.08, 1, "Least and greatest share of the picture's area.", 0.0001, 1);
    private static readonly Parameter<(double Low, double High)> Ratio = Parameter.Range("ratio", 0.75, 1.3333, "Least and greatest width over height of the window.", 0.01, 100);

    private readonly (double Low, double High) scale = scale ?? (0.08, 1);
    private readonly (double Low, double High) ratio = ratio ?? (3 / 4.0, 4 / 3.0);

    internal static TransformEntry Entry { get; } = new(
        "random_resized_crop", "Cuts out a window of random area and aspect and scales it to a fixed size (torchvision's rule).",
        [Size, Scale, Ratio, Parameter.Interpolated, Parameter.MinVisible],
        static values => new RandomResizedCrop(
            values.Get(Size), values.Get(Scale), values.Get(Ratio), values.Get(Parameter.Interpolated), new KeepRule(values.Get(Parameter.MinVisible))));

    /// <inheritdoc/>
    public ITransform Sample(Scene scene, RandomStream random)
    {
        var from = scene.Image.Size;
        var (x, y, window) = Choose(from, random);
        return new Sequence(new Crop(from, x, y, window) { Keep = keep ?? KeepRule.Default }, new Resize(window, size, interpolation));
    }

    private (int X, int Y, ImageSize Window) Choose(ImageSize from, RandomStream random)
    {
        var area = (double)from.Width * from.Height;
        for (var attempt = 0; attempt < 10; attempt++)
        {
            var target = area * random.Uniform(scale.Low, scale.High);
            var aspect = Math.Exp(random.Uniform(Math.Log(ratio.Low), Math.Log(ratio.High)));
            var (width, height) = ((int)Math.Round(Math.Sqrt(target * aspect)), (int)Math.Round(Math.Sqrt(target / aspect)));
            if (width > 0 && width <= from.Width && height > 0 && height <= from.Height)
                return (random.NextInt(from.Width - width + 1), random.NextInt(from.Height - height + 1), new ImageSize(height, width));
        }

        var whole = (double)from.Width / from.Height;
        var window = whole < ratio.Low ? new ImageSize((int)Math.Round(from.Width / ratio.Low), from.Width)
            : whole > ratio.High ? new ImageSize(from.Height, (int)Math.Round(from.Height * ratio.High))
            : from;
        return ((from.Width - window.Width) / 2, (from.Height - window.Height) / 2, window);
    }
}

using Fovea.Imaging;

namespace Fovea.Transforms.Augmentations;

/// <summary>
/// Paints over squares of one size whose centres lie anywhere in the picture, so that they may reach over its edge (DeVries and
/// Taylor, "Improved regularization of convolutional neural networks with Cutout", 2017, section 3.2).
/// </summary>
/// <param name="side">Side of a square, pixels.</param>
/// <param name="count">Number of squares.</param>
/// <param name="fill">Their colour.</param>
public sealed class Cutout(int side, int count = 1, Fill fill = default) : IAugmentation
{
    private static readonly Parameter<int> Side = Parameter.Whole("side", 16, "Side of a square, pixels.", 1, ushort.MaxValue);
    private static readonly Parameter<int> Count = Parameter.Whole("count", 1, "Number of squares.", 1, 1000);
    private static readonly Parameter<double> Share = Parameter.Probability(1);

    internal static Parameter<Fill> Filling { get; } = Parameter.FillOf("fill", 0, "Colour; the papers take the mean of the data, [124, 116, 104] for ImageNet.");

    internal static TransformEntry Entry { get; } = new("cutout", "Paints over squares anywhere in the picture.", [Side, Count, Filling, Share],
        static values => values.Sometimes(Share, new Cutout(values.Get(Side), values.Get(Count), values.Get(Filling))));

    /// <inheritdoc/>
    public ITransform Sample(Scene scene, RandomStream random)
    {
        var (from, square) = (scene.Image.Size, new ImageSize(side, side));
        return new Sequence([.. Enumerable.Range(0, count)
            .Select(_ => new Erase(random.NextInt(from.Width) - side / 2, random.NextInt(from.Height) - side / 2, square, fill))]);
    }
}

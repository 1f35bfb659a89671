using Fovea.Imaging;
using Fovea.Transforms;
using Fovea.Transforms.Augmentations;

namespace Fovea.Training;

/// <summary>The crops of <see cref="TestViews"/>, as transforms of a picture.</summary>
internal static class CropPlan
{
    // The papers' lengths of the shorter side, for crops of 224; other crops have them in proportion.
    private const double PaperCrop = 224;
    private static readonly int[] GoogLeNetSides = [256, 288, 320, 352];
    private static readonly int[] VggSides = [256, 384, 512];

    /// <summary>The transforms that make a network's views of a picture.</summary>
    /// <param name="views">Which.</param>
    /// <param name="preprocessing">What the network expects: its crop, and the shorter side that it is taken from.</param>
    /// <param name="size">Size of the picture.</param>
    /// <exception cref="FoveaException">The preprocessing has no crop to move about.</exception>
    public static IReadOnlyList<ITransform> Of(TestViews views, Preprocessing preprocessing, ImageSize size)
    {
        if (views.Crops == CropViews.One)
        {
            var rule = new PreprocessingRule(preprocessing).For(size);
            return views.Flips ? [rule, new Sequence(rule, Mirror(SizeAfter(rule, size)))] : [rule];
        }

        var crop = new ImageSize(preprocessing.Height, preprocessing.Width);
        if (preprocessing.SizeRule is not (SizeRule.ShorterSideThenCrop or SizeRule.Exact))
            throw new FoveaException($"views: found the size rule {preprocessing.SizeRule}, expected one that gives every picture the same size; without it there is no crop to move about");
        var interpolation = preprocessing.Interpolation;
        int Scaled(int side) => (int)Math.Round(Math.Max(crop.Height, crop.Width) * side / PaperCrop);
        // A network that is shown whole pictures takes its ten crops from pictures as much larger as ImageNet's usual ones.
        var shorter = preprocessing.SizeRule == SizeRule.ShorterSideThenCrop ? preprocessing.ShorterSide : Scaled(256);
        var crops = views.Crops switch
        {
            CropViews.TenCrop => Both(Resized(size, shorter, interpolation)).SelectMany(picture => FiveCrops(picture, crop)),
            CropViews.MultiCrop => VggSides.SelectMany(side => Both(Resized(size, Scaled(side), interpolation))).SelectMany(picture => Grid(picture, crop)),
            _ => GoogLeNetSides.SelectMany(side => Both(Resized(size, Scaled(side), interpolation)))
                .SelectMany(picture => Squares(picture, crop, interpolation)),
        };
        return [.. crops];
    }

    private static Flip Mirror(ImageSize size) => new(size);

    private static ImageSize SizeAfter(ITransform rule, ImageSize size) => rule switch
    {
        GeometricTransform transform => transform.To,
        Sequence sequence => sequence.Steps.Aggregate(size, static (current, step) => SizeAfter(step, current)),
        _ => size,
    };

    private static Made Resized(ImageSize from, int shorter, Interpolation interpolation)
    {
        var resize = new Resize(from, SizeRules.Shorter(from, shorter), interpolation);
        return new Made(resize, resize.To);
    }

    // Crops are taken from the mirrored picture rather than mirrored: where the centre lies between two pixels it makes a difference.
    private static Made[] Both(Made picture) => [picture, picture.Then(Mirror(picture.Size), picture.Size)];

    // Top left, top right, bottom left, bottom right, centre.
    private static IEnumerable<ITransform> FiveCrops(Made picture, ImageSize crop)
    {
        var (right, bottom) = (picture.Size.Width - crop.Width, picture.Size.Height - crop.Height);
        foreach (var (x, y) in new[] { (0, 0), (right, 0), (0, bottom), (right, bottom) })
            yield return picture.Then(new Crop(picture.Size, x, y, crop), crop).Transform;
        yield return picture.Then(SizeSteps.CentreCrop(picture.Size, crop), crop).Transform;
    }

    private static IEnumerable<ITransform> Grid(Made picture, ImageSize crop)
    {
        const int side = 5;
        for (var row = 0; row < side; row++)
        {
            for (var column = 0; column < side; column++)
            {
                var (x, y) = (At(picture.Size.Width - crop.Width, column, side), At(picture.Size.Height - crop.Height, row, side));
                yield return picture.Then(new Crop(picture.Size, x, y, crop), crop).Transform;
            }
        }
    }

    // Left, centre and right square of a wide picture, top, centre and bottom of a high one.
    private static IEnumerable<ITransform> Squares(Made picture, ImageSize crop, Interpolation interpolation)
    {
        var side = Math.Min(picture.Size.Height, picture.Size.Width);
        var size = new ImageSize(side, side);
        for (var i = 0; i < 3; i++)
        {
            var square = picture.Then(new Crop(picture.Size, At(picture.Size.Width - side, i, 3), At(picture.Size.Height - side, i, 3), size), size);
            foreach (var view in FiveCrops(square, crop))
                yield return view;
            yield return square.Then(new Resize(size, crop, interpolation), crop).Transform;
        }
    }

    private static int At(int room, int number, int of) => (int)Math.Round((double)room * number / (of - 1));

    /// <summary>A picture on its way to a crop.</summary>
    /// <param name="Transform">What has been done to it.</param>
    /// <param name="Size">Its size now.</param>
    private sealed record Made(ITransform Transform, ImageSize Size)
    {
        public Made Then(ITransform next, ImageSize size) => new(new Sequence(Transform, next), size);
    }
}

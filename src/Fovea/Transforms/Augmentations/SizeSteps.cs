using Fovea.Imaging;

namespace Fovea.Transforms.Augmentations;

/// <summary>The fixed transforms that bring a picture to a size.</summary>
internal static class SizeSteps
{
    /// <summary>Cuts the centre; a picture that is too small is padded evenly first (torchvision's centre crop).</summary>
    public static ITransform CentreCrop(ImageSize from, ImageSize to, Fill fill = default)
    {
        var (padX, padY) = (Math.Max(0, to.Width - from.Width), Math.Max(0, to.Height - from.Height));
        var (left, top) = (padX / 2, padY / 2);
        var x = padX > 0 ? -left : (int)Math.Round((from.Width - to.Width) / 2.0, MidpointRounding.ToEven);
        var y = padY > 0 ? -top : (int)Math.Round((from.Height - to.Height) / 2.0, MidpointRounding.ToEven);
        return new Crop(from, x, y, to, fill);
    }

    /// <summary>Scales to fit and pads evenly; an odd pixel goes to the right and the bottom.</summary>
    public static ITransform Letterbox(ImageSize from, ImageSize to, Interpolation interpolation, Fill fill)
    {
        var inner = SizeRules.Fit(from, to);
        return new Sequence(
            new Resize(from, inner, interpolation), new Crop(inner, -((to.Width - inner.Width) / 2), -((to.Height - inner.Height) / 2), to, fill));
    }
}

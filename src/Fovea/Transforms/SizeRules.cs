namespace Fovea.Transforms;

/// <summary>The arithmetic by which sizes are chosen, to the pixel as the references have it.</summary>
public static class SizeRules
{
    /// <summary>Shorter side to a length, the longer in proportion and rounded down (torchvision's classification transforms).</summary>
    /// <param name="size">Size of the picture.</param>
    /// <param name="shorterSide">Pixels.</param>
    public static ImageSize Shorter(ImageSize size, int shorterSide) => size.Width <= size.Height
        ? new ImageSize((int)((long)shorterSide * size.Height / size.Width), shorterSide)
        : new ImageSize(shorterSide, (int)((long)shorterSide * size.Width / size.Height));

    /// <summary>
    /// Shorter side to a length unless the longer would pass a limit; both rounded down from a single-precision scale, which is
    /// why a side may come out one pixel short (torchvision's detection models).
    /// </summary>
    /// <param name="size">Size of the picture.</param>
    /// <param name="shorterSide">Pixels.</param>
    /// <param name="longerSide">Upper limit of the longer side, pixels.</param>
    public static ImageSize ShorterLonger(ImageSize size, int shorterSide, int longerSide) => DetectorSize.Of(size, shorterSide, longerSide);

    /// <summary>The largest size of the same aspect, to the nearest pixel, that fits into another.</summary>
    /// <param name="size">Size of the picture.</param>
    /// <param name="into">What it must fit into.</param>
    public static ImageSize Fit(ImageSize size, ImageSize into)
    {
        var scale = Math.Min((double)into.Height / size.Height, (double)into.Width / size.Width);
        return new ImageSize(
            Math.Clamp((int)Math.Round(size.Height * scale), 1, into.Height), Math.Clamp((int)Math.Round(size.Width * scale), 1, into.Width));
    }
}

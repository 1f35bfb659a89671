namespace Fovea;

/// <summary>The size that torchvision's detection models give a picture, for pictures from files and for bare tensors alike.</summary>
internal static class DetectorSize
{
    /// <summary>Shorter side to a length unless the longer would pass a limit; both rounded down from a single-precision scale.</summary>
    /// <param name="size">Size of the picture.</param>
    /// <param name="shorterSide">Pixels.</param>
    /// <param name="longerSide">Upper limit of the longer side, pixels.</param>
    public static ImageSize Of(ImageSize size, int shorterSide, int longerSide)
    {
        // A number over a tensor is the number times the tensor's reciprocal there, which rounds twice: 480 becomes 800, not 799.
        var scale = Math.Min(1f / Math.Min(size.Height, size.Width) * shorterSide, 1f / Math.Max(size.Height, size.Width) * longerSide);
        return new ImageSize(Math.Max(1, (int)(size.Height * (double)scale)), Math.Max(1, (int)(size.Width * (double)scale)));
    }
}

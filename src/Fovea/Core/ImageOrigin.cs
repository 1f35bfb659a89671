namespace Fovea;

/// <summary>Where a picture in a batch came from, and how its pixels map back to the file's.</summary>
/// <param name="Path">The image file, for messages and results.</param>
/// <param name="Id">Identity in the data set.</param>
/// <param name="OriginalSize">Size of the picture in the file, after EXIF orientation.</param>
/// <param name="NetworkSize">Size of the picture as the network sees it, without the batch's padding.</param>
/// <param name="ScaleX">Network pixels for each original pixel, horizontally; negative when mirrored, not a number when the picture was turned or bent.</param>
/// <param name="ScaleY">Network pixels for each original pixel, vertically; as <paramref name="ScaleX"/>.</param>
/// <param name="OffsetX">Column in the network's picture of the original's left edge.</param>
/// <param name="OffsetY">Row in the network's picture of the original's top edge.</param>
public sealed record ImageOrigin(
    string Path, string Id, ImageSize OriginalSize, ImageSize NetworkSize,
    double ScaleX = 1, double ScaleY = 1, double OffsetX = 0, double OffsetY = 0)
{
    /// <summary>Maps a box from the network's picture to the original one and clips it there.</summary>
    /// <exception cref="InvalidOperationException">The picture was turned or bent for training and has no scale.</exception>
    public Box ToOriginal(Box box)
    {
        if (double.IsNaN(ScaleX))
            throw new InvalidOperationException($"{Path}: found a picture that was turned or bent, expected one that was scaled and shifted at most; such pictures are for training only");
        var (left, right) = ((box.X1 - OffsetX) / ScaleX, (box.X2 - OffsetX) / ScaleX);
        var (top, bottom) = ((box.Y1 - OffsetY) / ScaleY, (box.Y2 - OffsetY) / ScaleY);
        // A mirrored picture has a negative scale.
        return new Box((float)Math.Min(left, right), (float)Math.Min(top, bottom), (float)Math.Max(left, right), (float)Math.Max(top, bottom)).Clip(OriginalSize);
    }
}

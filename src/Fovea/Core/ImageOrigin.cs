namespace Fovea;

/// <summary>Where a picture in a batch came from, and how its pixels map back to the file's.</summary>
/// <param name="Path">The image file, for messages and results.</param>
/// <param name="Id">Identity in the data set.</param>
/// <param name="OriginalSize">Size of the picture in the file, after EXIF orientation.</param>
/// <param name="NetworkSize">Size of the picture as the network sees it, without the batch's padding.</param>
/// <param name="ScaleX">Network pixels for each original pixel, horizontally.</param>
/// <param name="ScaleY">Network pixels for each original pixel, vertically.</param>
/// <param name="OffsetX">Column in the network's picture of the original's left edge.</param>
/// <param name="OffsetY">Row in the network's picture of the original's top edge.</param>
public sealed record ImageOrigin(
    string Path, string Id, ImageSize OriginalSize, ImageSize NetworkSize,
    double ScaleX = 1, double ScaleY = 1, double OffsetX = 0, double OffsetY = 0)
{
    /// <summary>Maps a box from the network's picture to the original one and clips it there.</summary>
    public Box ToOriginal(Box box) => new Box(
        (float)((box.X1 - OffsetX) / ScaleX), (float)((box.Y1 - OffsetY) / ScaleY),
        (float)((box.X2 - OffsetX) / ScaleX), (float)((box.Y2 - OffsetY) / ScaleY)).Clip(OriginalSize);
}

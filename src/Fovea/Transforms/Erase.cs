using Fovea.Imaging;

namespace Fovea.Transforms;

/// <summary>Paints over a rectangle. Objects and label maps stay: the network has to tell them from what surrounds them.</summary>
/// <param name="x">Left column; may be negative.</param>
/// <param name="y">Top row; may be negative.</param>
/// <param name="size">Size of the rectangle; what reaches over the edge is left out.</param>
/// <param name="fill">Its colour.</param>
public sealed class Erase(int x, int y, ImageSize size, Fill fill = default) : PhotometricTransform
{
    /// <summary>Left column.</summary>
    public int X => x;

    /// <summary>Top row.</summary>
    public int Y => y;

    /// <summary>Size of the rectangle.</summary>
    public ImageSize Size => size;

    private protected override Image Change(Image image)
    {
        var target = new Image(image.Size, image.Channels, (byte[])image.Data.Clone());
        var (left, right) = (Math.Clamp(x, 0, image.Width), Math.Clamp(x + size.Width, 0, image.Width));
        var (top, bottom) = (Math.Clamp(y, 0, image.Height), Math.Clamp(y + size.Height, 0, image.Height));
        var colour = fill.For(image.Channels);
        for (var row = top; row < bottom; row++)
        {
            for (var column = left; column < right; column++)
                colour.CopyTo(target.Data, (row * image.Width + column) * image.Channels);
        }

        return target;
    }
}

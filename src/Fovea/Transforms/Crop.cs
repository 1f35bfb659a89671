using Fovea.Imaging;

namespace Fovea.Transforms;

/// <summary>
/// Cuts a window out of a picture. The window may reach over the edge: what lies outside is filled, so that padding is a crop
/// too. Label maps are filled with <see cref="LabelMap.Ignore"/>.
/// </summary>
/// <param name="from">Size it is for.</param>
/// <param name="x">Left column of the window; may be negative.</param>
/// <param name="y">Top row of the window; may be negative.</param>
/// <param name="to">Size of the window.</param>
/// <param name="fill">What fills the outside.</param>
public sealed class Crop(ImageSize from, int x, int y, ImageSize to, Fill fill = default) : GridTransform(from, to, Projection.Translate(-x, -y))
{
    /// <summary>Left column of the window.</summary>
    public int X => x;

    /// <summary>Top row of the window.</summary>
    public int Y => y;

    /// <inheritdoc/>
    public override ITransform Inverse => new Crop(To, -x, -y, From, fill) { Keep = Keep };

    /// <summary>Pads a picture on its four sides.</summary>
    /// <param name="from">Size it is for.</param>
    /// <param name="left">Columns added at the left.</param>
    /// <param name="top">Rows added at the top.</param>
    /// <param name="right">Columns added at the right.</param>
    /// <param name="bottom">Rows added at the bottom.</param>
    /// <param name="fill">What fills them.</param>
    public static Crop Pad(ImageSize from, int left, int top, int right, int bottom, Fill fill = default) =>
        new(from, -left, -top, new ImageSize(from.Height + top + bottom, from.Width + left + right), fill);

    private protected override Image Map(Image image)
    {
        if (To == From && x == 0 && y == 0)
            return image;
        var target = new Image(To, image.Channels, image.Type);
        var pixel = image.Data.Length / (image.Width * image.Height);
        var (left, right) = (Math.Clamp(-x, 0, To.Width), Math.Clamp(From.Width - x, 0, To.Width));
        var (top, bottom) = (Math.Clamp(-y, 0, To.Height), Math.Clamp(From.Height - y, 0, To.Height));
        if (left > 0 || top > 0 || right < To.Width || bottom < To.Height)
            fill.Paint(target);
        for (var row = top; row < bottom && left < right; row++)
        {
            image.Data.AsSpan(((row + y) * From.Width + left + x) * pixel, (right - left) * pixel)
                .CopyTo(target.Data.AsSpan((row * To.Width + left) * pixel));
        }

        return target;
    }

    private protected override int[] SourceColumns() => Table(x, From.Width, To.Width);

    private protected override int[] SourceRows() => Table(y, From.Height, To.Height);

    private static int[] Table(int offset, int from, int to)
    {
        var table = new int[to];
        for (var i = 0; i < to; i++)
            table[i] = i + offset >= 0 && i + offset < from ? i + offset : -1;
        return table;
    }
}

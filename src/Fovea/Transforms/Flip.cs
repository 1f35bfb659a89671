using Fovea.Imaging;

namespace Fovea.Transforms;

/// <summary>Mirrors a picture. Keypoints that have a counterpart change places with it, so that a left eye stays a left eye.</summary>
/// <param name="size">Size it is for.</param>
/// <param name="horizontal">Whether left and right change places; otherwise top and bottom do.</param>
public sealed class Flip(ImageSize size, bool horizontal = true) : GridTransform(
    size, size, horizontal ? new Projection(-1, 0, size.Width, 0, 1, 0) : new Projection(1, 0, 0, 0, -1, size.Height))
{
    /// <inheritdoc/>
    public override ITransform Inverse => this;

    private protected override bool Mirrors => true;

    private protected override Image Map(Image image) => horizontal ? image.FlipHorizontal() : image.FlipVertical();

    private protected override int[] SourceColumns() => Table(To.Width, horizontal);

    private protected override int[] SourceRows() => Table(To.Height, !horizontal);

    private static int[] Table(int count, bool reverse)
    {
        var table = new int[count];
        for (var i = 0; i < count; i++)
            table[i] = reverse ? count - 1 - i : i;
        return table;
    }
}

using Fovea.Imaging;

namespace Fovea.Transforms;

/// <summary>Scales a picture to a size. Masks and label maps take the nearest pixel, with pixel centres at .5 as Pillow has them.</summary>
/// <param name="from">Size it is for.</param>
/// <param name="to">Size it gives.</param>
/// <param name="interpolation">How pixel values are found.</param>
public sealed class Resize(ImageSize from, ImageSize to, Interpolation interpolation = Interpolation.BilinearAntialias)
    : GridTransform(from, to, Projection.Scale((double)to.Width / from.Width, (double)to.Height / from.Height))
{
    /// <inheritdoc/>
    public override ITransform Inverse => new Resize(To, From, interpolation);

    private protected override Image Map(Image image) => From == To ? image : image.Resize(To, interpolation);

    private protected override int[] SourceColumns() => Nearest(From.Width, To.Width);

    private protected override int[] SourceRows() => Nearest(From.Height, To.Height);

    private static int[] Nearest(int from, int to)
    {
        var table = new int[to];
        for (var i = 0; i < to; i++)
            table[i] = (int)((2L * i + 1) * from / (2L * to));
        return table;
    }
}

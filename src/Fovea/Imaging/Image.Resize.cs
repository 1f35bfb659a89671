using Fovea.Imaging.Native;

namespace Fovea.Imaging;

public sealed partial class Image
{
    /// <summary>Resizes to an exact size, every channel on its own; always a new picture.</summary>
    /// <param name="size">The new size; at least one pixel each way.</param>
    /// <param name="interpolation">How values are found; those with antialias work on 8 bits only.</param>
    /// <exception cref="FoveaException">The interpolation does not work on samples of this type.</exception>
    public unsafe Image Resize(ImageSize size, Interpolation interpolation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size.Width, 1, nameof(size));
        ArgumentOutOfRangeException.ThrowIfLessThan(size.Height, 1, nameof(size));
        if (interpolation is Interpolation.BilinearAntialias or Interpolation.BicubicAntialias)
            return PillowResize.Resize(this, size, interpolation);
        if (interpolation == Interpolation.Nearest)
            return ResizeNearest(size);
        var target = new Image(size, Channels, Type);
        ImageNative.Run(this, target, "resizing", (from, to) => ImageNative.Resize(from, to, (int)interpolation));
        return target;
    }

    // OpenCV's nearest takes the pixel at the corner; the centre of a target pixel is what all others go by.
    private Image ResizeNearest(ImageSize size)
    {
        var target = new Image(size, Channels, Type);
        var step = Data.Length / Math.Max(1, Width * Height);
        var columns = new int[size.Width];
        for (var x = 0; x < columns.Length; x++)
            columns[x] = NearestCentre(x, Width, size.Width) * step;
        var targetRow = size.Width * step;
        for (var y = 0; y < size.Height; y++)
        {
            var row = NearestCentre(y, Height, size.Height);
            var to = target.Data.AsSpan(y * targetRow, targetRow);
            if (y > 0 && row == NearestCentre(y - 1, Height, size.Height))
                target.Data.AsSpan((y - 1) * targetRow, targetRow).CopyTo(to);
            else
                TakeColumns(Data.AsSpan(row * Width * step, Width * step), columns, step, to);
        }

        return target;
    }

    private static void TakeColumns(ReadOnlySpan<byte> row, int[] columns, int step, Span<byte> target)
    {
        switch (step)
        {
            case 1:
                for (var x = 0; x < columns.Length; x++)
                    target[x] = row[columns[x]];
                break;
            case 3:
                for (int x = 0, at = 0; x < columns.Length; x++, at += 3)
                {
                    var pixel = row.Slice(columns[x], 3);
                    (target[at], target[at + 1], target[at + 2]) = (pixel[0], pixel[1], pixel[2]);
                }

                break;
            default:
                for (var x = 0; x < columns.Length; x++)
                    row.Slice(columns[x], step).CopyTo(target[(x * step)..]);
                break;
        }
    }

    private static int NearestCentre(int index, int from, int to) => (int)(((2L * index + 1) * from) / (2L * to));
}

namespace Fovea.Imaging;

/// <summary>
/// A binary mask as COCO run lengths: counts of alternating 0 and 1 pixels in column-major order, starting with zeros.
/// </summary>
public sealed partial class RunLengthMask
{
    // Boxed, so that threads that share a mask see all four numbers or none.
    private object? box;

    /// <summary>Creates a mask over its counts; the array is kept, not copied.</summary>
    /// <param name="size">Size of the image the mask lies in.</param>
    /// <param name="counts">Lengths of alternating runs of 0 and 1, column-major, the first of zeros; they sum to H times W.</param>
    /// <exception cref="ArgumentException">The counts do not sum to H times W.</exception>
    public RunLengthMask(ImageSize size, uint[] counts)
    {
        long total = 0;
        foreach (var count in counts)
            total += count;
        if (total != (long)size.Height * size.Width)
            throw new ArgumentException($"run lengths sum to {total}, expected {(long)size.Height * size.Width} for {size}", nameof(counts));
        Size = size;
        Counts = counts;
    }

    /// <summary>Size of the image the mask lies in.</summary>
    public ImageSize Size { get; }

    /// <summary>Lengths of alternating runs of 0 and 1, column-major, the first of zeros.</summary>
    public uint[] Counts { get; }

    /// <summary>Number of pixels in the mask.</summary>
    public long Area
    {
        get
        {
            long area = 0;
            for (var i = 1; i < Counts.Length; i += 2)
                area += Counts[i];
            return area;
        }
    }

    /// <summary>The smallest box around the pixels of the mask; (0, 0, 0, 0) when there are none.</summary>
    public Box BoundingBox => (Box)(box ??= FindBox());

    /// <summary>The mask of an image without any pixel in it.</summary>
    public static RunLengthMask Empty(ImageSize size) => new(size, [(uint)(size.Height * size.Width)]);

    private Box FindBox()
    {
        uint height = (uint)Size.Height, at = 0;
        uint left = uint.MaxValue, top = uint.MaxValue, right = 0, bottom = 0;
        for (var i = 0; i + 1 < Counts.Length; i += 2)
        {
            var first = at + Counts[i];
            at = first + Counts[i + 1];
            if (Counts[i + 1] == 0)
                continue;
            var (firstColumn, firstRow) = Math.DivRem(first, height);
            var (lastColumn, lastRow) = Math.DivRem(at - 1, height);
            left = Math.Min(left, firstColumn);
            right = Math.Max(right, lastColumn + 1);
            // A run that goes on into the next column covers the bottom of one and the top of the other.
            top = Math.Min(top, lastColumn > firstColumn ? 0 : firstRow);
            bottom = Math.Max(bottom, lastColumn > firstColumn ? height : lastRow + 1);
        }

        return right == 0 ? default : new Box(left, top, right, bottom);
    }
}

namespace Fovea.Imaging;

/// <summary>
/// A binary mask as COCO run lengths: counts of alternating 0 and 1 pixels in column-major order, starting with zeros.
/// </summary>
public sealed partial class RunLengthMask
{
    /// <summary>Creates a mask over its counts; the array is kept, not copied.</summary>
    /// <param name="size">Size of the image the mask lies in.</param>
    /// <param name="counts">Lengths of alternating runs of 0 and 1, column-major, the first of zeros; they sum to H times W.</param>
    /// <exception cref="ArgumentException">The counts do not sum to H times W.</exception>
    public RunLengthMask(ImageSize size, uint[] counts)
    {
        var total = counts.Sum(static count => (long)count);
        if (total != (long)size.Height * size.Width)
            throw new ArgumentException($"run lengths sum to {total}, expected {(long)size.Height * size.Width} for {size}", nameof(counts));
        Size = size;
        Counts = counts;
    }

    /// <summary>Size of the image the mask lies in.</summary>
    public ImageSize Size { get; }

    /// <summary>Lengths of alternating runs of 0 and 1, column-major, the first of zeros.</summary>
    public uint[] Counts { get; }
}

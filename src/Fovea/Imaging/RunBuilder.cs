namespace Fovea.Imaging;

/// <summary>Collects runs of mask pixels, in order, into the counts of a <see cref="RunLengthMask"/>.</summary>
internal struct RunBuilder(ImageSize size)
{
    private readonly List<uint> counts = new(64);
    private long end;

    /// <summary>Adds a run; one that touches the last is joined with it.</summary>
    /// <param name="start">Column-major position; not before the end of the last run.</param>
    /// <param name="length">Pixels; 0 adds nothing.</param>
    public void Add(long start, long length)
    {
        if (length == 0)
            return;
        if (counts.Count > 0 && start == end)
        {
            counts[^1] += (uint)length;
        }
        else
        {
            counts.Add((uint)(start - end));
            counts.Add((uint)length);
        }

        end = start + length;
    }

    /// <summary>The mask of what was added.</summary>
    public readonly RunLengthMask ToMask()
    {
        var total = (long)size.Height * size.Width;
        if (end < total || counts.Count == 0)
            counts.Add((uint)(total - end));
        return new RunLengthMask(size, [.. counts]);
    }
}

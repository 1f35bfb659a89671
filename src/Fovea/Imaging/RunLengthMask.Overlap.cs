namespace Fovea.Imaging;

public sealed partial class RunLengthMask
{
    /// <summary>The pixels in any of the masks.</summary>
    /// <param name="masks">Masks of one size; at least one.</param>
    /// <exception cref="ArgumentException">There is none, or sizes differ.</exception>
    public static RunLengthMask Union(params IReadOnlyList<RunLengthMask> masks) =>
        masks.Count > 0 ? Union(masks, masks[0].Size) : throw new ArgumentException("found no mask, expected at least one", nameof(masks));

    /// <summary>The pixels in any of the masks.</summary>
    /// <param name="masks">Masks of one size; none gives an empty mask.</param>
    /// <param name="size">Size of the image.</param>
    /// <exception cref="ArgumentException">Sizes differ.</exception>
    public static RunLengthMask Union(IEnumerable<RunLengthMask> masks, ImageSize size)
    {
        RunLengthMask? union = null;
        foreach (var mask in masks)
            union = union is null ? Same(mask, size) : Merge(union, Same(mask, size), isUnion: true);
        return union ?? Empty(size);
    }

    /// <summary>The pixels in both masks.</summary>
    /// <exception cref="ArgumentException">Sizes differ.</exception>
    public static RunLengthMask Intersect(RunLengthMask a, RunLengthMask b) => Merge(a, Same(b, a.Size), isUnion: false);

    /// <summary>Intersection over union, by the rule of COCO.</summary>
    /// <param name="a">The detection.</param>
    /// <param name="b">The ground truth.</param>
    /// <param name="bIsCrowd">Whether <paramref name="b"/> is a crowd region: then the intersection is divided by the area of
    /// <paramref name="a"/> alone.</param>
    /// <returns>0 to 1; 0 when nothing overlaps.</returns>
    /// <exception cref="ArgumentException">Sizes differ.</exception>
    public static double IoU(RunLengthMask a, RunLengthMask b, bool bIsCrowd = false) =>
        Ratio(a, Same(b, a.Size), a.Area, b.Area, bIsCrowd);

    /// <summary>Intersection over union of every pair, on all cores.</summary>
    /// <param name="a">Detections.</param>
    /// <param name="b">Ground truth, of the same size.</param>
    /// <param name="bIsCrowd">One flag for each of <paramref name="b"/>, or null when none is a crowd.</param>
    /// <returns>[a.Count, b.Count] of values as in <see cref="IoU(RunLengthMask, RunLengthMask, bool)"/>.</returns>
    /// <exception cref="ArgumentException">Sizes differ, or the flags are of another number.</exception>
    public static double[,] IoU(IReadOnlyList<RunLengthMask> a, IReadOnlyList<RunLengthMask> b, IReadOnlyList<bool>? bIsCrowd = null)
    {
        if (bIsCrowd is not null && bIsCrowd.Count != b.Count)
            throw new ArgumentException($"found {bIsCrowd.Count} crowd flags, expected {b.Count}", nameof(bIsCrowd));
        var result = new double[a.Count, b.Count];
        var areas = b.Select(static mask => mask.Area).ToArray();
        foreach (var mask in a.Concat(b))
            _ = Same(mask, a.Count > 0 ? a[0].Size : mask.Size).BoundingBox;
        void Row(int i)
        {
            var area = a[i].Area;
            for (var j = 0; j < b.Count; j++)
                result[i, j] = Ratio(a[i], b[j], area, areas[j], bIsCrowd is not null && bIsCrowd[j]);
        }

        if ((long)a.Count * b.Count < 64)
        {
            for (var i = 0; i < a.Count; i++)
                Row(i);
        }
        else
        {
            Parallel.For(0, a.Count, Row);
        }

        return result;
    }

    private static double Ratio(RunLengthMask a, RunLengthMask b, long areaA, long areaB, bool bIsCrowd)
    {
        var (boxA, boxB) = (a.BoundingBox, b.BoundingBox);
        if (boxA.X1 >= boxB.X2 || boxB.X1 >= boxA.X2 || boxA.Y1 >= boxB.Y2 || boxB.Y1 >= boxA.Y2)
            return 0;
        var intersection = IntersectionArea(a.Counts, b.Counts);
        if (intersection == 0)
            return 0;
        return (double)intersection / (bIsCrowd ? areaA : areaA + areaB - intersection);
    }

    // Walks the ends of both lists of runs in order; every stretch between two ends is in both masks or it is not.
    private static long IntersectionArea(uint[] a, uint[] b)
    {
        long area = 0;
        int i = 0, j = 0;
        uint endA = 0, endB = 0, at = 0;
        while (true)
        {
            while (endA <= at && i < a.Length)
                endA += a[i++];
            while (endB <= at && j < b.Length)
                endB += b[j++];
            var next = Math.Min(endA, endB);
            if (next <= at)
                return area;
            // After reading a run at an odd index, the counter is even.
            if (((i | j) & 1) == 0)
                area += next - at;
            at = next;
        }
    }

    private static RunLengthMask Merge(RunLengthMask a, RunLengthMask b, bool isUnion)
    {
        var runs = new RunBuilder(a.Size);
        int i = 0, j = 0;
        uint endA = 0, endB = 0, at = 0;
        while (true)
        {
            while (endA <= at && i < a.Counts.Length)
                endA += a.Counts[i++];
            while (endB <= at && j < b.Counts.Length)
                endB += b.Counts[j++];
            var next = Math.Min(endA, endB);
            if (next <= at)
                return runs.ToMask();
            var (inA, inB) = ((i & 1) == 0, (j & 1) == 0);
            if (isUnion ? inA | inB : inA & inB)
                runs.Add(at, next - at);
            at = next;
        }
    }

    private static RunLengthMask Same(RunLengthMask mask, ImageSize size) => mask.Size == size
        ? mask
        : throw new ArgumentException($"found a mask of {mask.Size}, expected {size} as the others", nameof(mask));
}

namespace Fovea.Imaging;

/// <summary>Makes regions of the pixels that arrive near their neighbours, and joins small ones to others.</summary>
internal sealed class RegionMerger
{
    private readonly MeanShiftFilter filter;
    private readonly int[] parents;
    private readonly int[] areas;
    // Sums of the arrived colours of the pixels of a region, at its root.
    private readonly double[] sums;
    private readonly int width;

    private RegionMerger(MeanShiftFilter filter)
    {
        this.filter = filter;
        width = filter.Image.Width;
        parents = [.. Enumerable.Range(0, filter.Modes.Length)];
        areas = new int[parents.Length];
        sums = new double[3 * parents.Length];
    }

    public static PictureRegions Merge(MeanShiftFilter filter, MeanShiftOptions options)
    {
        var merger = new RegionMerger(filter);
        merger.JoinAlike((float)options.SpatialRadius, (float)options.ColourRadius);
        merger.Measure();
        if (options.MinimumPixels > 1)
            merger.JoinSmall(options.MinimumPixels);
        return merger.Regions();
    }

    private int Root(int pixel)
    {
        while (parents[pixel] != pixel)
            pixel = parents[pixel] = parents[parents[pixel]];
        return pixel;
    }

    // The lower root stays, so that the order of joining does not matter.
    private int Join(int first, int second)
    {
        var (low, high) = (Math.Min(first, second), Math.Max(first, second));
        parents[high] = low;
        return low;
    }

    private IEnumerable<(int Pixel, int Neighbour)> Neighbours()
    {
        for (var i = 0; i < parents.Length; i++)
        {
            if ((i + 1) % width != 0)
                yield return (i, i + 1);
            if (i + width < parents.Length)
                yield return (i, i + width);
        }
    }

    private void JoinAlike(float spatial, float colour)
    {
        foreach (var (pixel, neighbour) in Neighbours())
        {
            var (a, b) = (filter.Modes[pixel], filter.Modes[neighbour]);
            if (a.ColourDistance(b) <= colour * colour && a.PlaceDistance(b) <= spatial * spatial && Root(pixel) is var first && Root(neighbour) is var second && first != second)
                Join(first, second);
        }
    }

    private void Measure()
    {
        for (var i = 0; i < parents.Length; i++)
        {
            var root = Root(i);
            areas[root]++;
            sums[3 * root] += filter.Modes[i].Red;
            sums[3 * root + 1] += filter.Modes[i].Green;
            sums[3 * root + 2] += filter.Modes[i].Blue;
        }
    }

    private void JoinSmall(int minimum)
    {
        var touching = new Dictionary<int, HashSet<int>>();
        foreach (var (pixel, neighbour) in Neighbours())
        {
            var (a, b) = (Root(pixel), Root(neighbour));
            if (a == b)
                continue;
            Touching(touching, a).Add(b);
            Touching(touching, b).Add(a);
        }

        var queue = new PriorityQueue<int, (int Area, int Root)>();
        foreach (var root in touching.Keys.Where(root => areas[root] < minimum))
            queue.Enqueue(root, (areas[root], root));
        while (queue.TryDequeue(out var root, out var priority))
        {
            // It grew or went since it was queued.
            if (parents[root] != root || areas[root] != priority.Area)
                continue;
            var neighbours = touching[root].Select(Root).Where(other => other != root).ToHashSet();
            if (neighbours.Count == 0)
                continue;
            var nearest = neighbours.MinBy(other => (Distance(root, other), other));
            var joined = Absorb(touching, root, nearest);
            if (areas[joined] < minimum)
                queue.Enqueue(joined, (areas[joined], joined));
        }
    }

    private int Absorb(Dictionary<int, HashSet<int>> touching, int root, int other)
    {
        var joined = Join(root, other);
        var gone = joined == root ? other : root;
        areas[joined] += areas[gone];
        for (var i = 0; i < 3; i++)
            sums[3 * joined + i] += sums[3 * gone + i];
        // The smaller set goes into the larger.
        var (few, many) = touching[root].Count < touching[other].Count ? (touching[root], touching[other]) : (touching[other], touching[root]);
        many.UnionWith(few);
        touching.Remove(gone);
        touching[joined] = many;
        return joined;
    }

    private double Distance(int first, int second)
    {
        var sum = 0.0;
        for (var i = 0; i < 3; i++)
        {
            var difference = sums[3 * first + i] / areas[first] - sums[3 * second + i] / areas[second];
            sum += difference * difference;
        }

        return sum;
    }

    private PictureRegions Regions()
    {
        var numbers = new Dictionary<int, int>();
        var labels = new int[parents.Length];
        for (var i = 0; i < labels.Length; i++)
        {
            var root = Root(i);
            if (!numbers.TryGetValue(root, out var number))
                numbers.Add(root, number = numbers.Count);
            labels[i] = number;
        }

        return new PictureRegions(filter.Image.Size, labels, [.. numbers.Keys.Select(root => areas[root])], Colours(labels, numbers.Count));
    }

    private byte[] Colours(int[] labels, int count)
    {
        var image = filter.Image;
        var (totals, pixels) = (new long[count * image.Channels], new long[count]);
        for (var i = 0; i < labels.Length; i++)
        {
            pixels[labels[i]]++;
            for (var channel = 0; channel < image.Channels; channel++)
                totals[labels[i] * image.Channels + channel] += image.Data[i * image.Channels + channel];
        }

        return [.. totals.Select((total, i) => (byte)Math.Round((double)total / pixels[i / image.Channels]))];
    }

    private static HashSet<int> Touching(Dictionary<int, HashSet<int>> touching, int root) =>
        touching.TryGetValue(root, out var set) ? set : touching[root] = [];
}

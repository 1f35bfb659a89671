namespace Fovea.Data.Writing;

/// <summary>Makes one ring of several, for formats that hold one polygon an object.</summary>
internal static class PolygonBridge
{
    /// <summary>Goes along the first ring to the corner nearest to the next ring, round that ring, back over the same bridge, and on.</summary>
    /// <param name="rings">Rings of x, y, x, y ...; at least one.</param>
    public static double[] Join(IReadOnlyList<double[]> rings)
    {
        var joined = rings[0].ToList();
        foreach (var ring in rings.Skip(1))
        {
            var (here, there) = Nearest(joined, ring);
            var detour = new List<double>();
            for (var i = 0; i <= ring.Length; i += 2)
                detour.AddRange([ring[(there + i) % ring.Length], ring[(there + i + 1) % ring.Length]]);
            detour.AddRange([joined[here], joined[here + 1]]);
            joined.InsertRange(here + 2, detour);
        }

        return [.. joined];
    }

    private static (int Here, int There) Nearest(List<double> joined, double[] ring)
    {
        var (best, here, there) = (double.MaxValue, 0, 0);
        for (var i = 0; i < joined.Count; i += 2)
        {
            for (var j = 0; j < ring.Length; j += 2)
            {
                var (dx, dy) = (joined[i] - ring[j], joined[i + 1] - ring[j + 1]);
                if (dx * dx + dy * dy < best)
                    (best, here, there) = (dx * dx + dy * dy, i, j);
            }
        }

        return (here, there);
    }
}

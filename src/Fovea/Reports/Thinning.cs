namespace Fovea.Reports;

/// <summary>Fewer points for a curve of many, so that a page stays small.</summary>
internal static class Thinning
{
    /// <summary>Means over runs of neighbouring points, at most <paramref name="limit"/> of them.</summary>
    public static IReadOnlyList<(double X, double Y)> Mean(IReadOnlyList<(double X, double Y)> points, int limit = 400)
    {
        if (points.Count <= limit)
            return points;
        var thinned = new List<(double X, double Y)>(limit);
        for (var i = 0; i < limit; i++)
        {
            var (start, end) = ((int)((long)i * points.Count / limit), (int)((long)(i + 1) * points.Count / limit));
            var (x, y) = (0.0, 0.0);
            for (var k = start; k < end; k++)
                (x, y) = (x + points[k].X, y + points[k].Y);
            thinned.Add((x / (end - start), y / (end - start)));
        }

        return thinned;
    }
}

namespace Fovea.Imaging;

public sealed partial class RunLengthMask
{
    // The reference rasterises on a grid five times as fine.
    private const double Upsampling = 5;

    // Outlines are walked step by step, so a wild coordinate would take minutes.
    internal const double MaxCoordinate = 1_000_000;

    /// <summary>The union of polygons, pixel for pixel as the COCO reference rasterises them.</summary>
    /// <param name="polygons">Each x, y, x, y ... in continuous pixels, at least three points; closed by itself, and filled by
    /// the even-odd rule.</param>
    /// <param name="size">Size of the image; what lies outside is cut off.</param>
    /// <exception cref="ArgumentException">A polygon has an odd number of values, fewer than three points, or a value that is
    /// no number below a million.</exception>
    public static RunLengthMask FromPolygons(IEnumerable<double[]> polygons, ImageSize size)
    {
        var parts = polygons.Select(polygon => FromPolygon(polygon, size)).ToList();
        return parts.Count == 1 ? parts[0] : Union(parts, size);
    }

    /// <summary>The pixels of a box, as the COCO reference rasterises its four corners.</summary>
    /// <param name="box">Continuous pixels.</param>
    /// <param name="size">Size of the image.</param>
    public static RunLengthMask FromBox(Box box, ImageSize size) =>
        FromPolygon([box.X1, box.Y1, box.X1, box.Y2, box.X2, box.Y2, box.X2, box.Y1], size);

    private static RunLengthMask FromPolygon(double[] points, ImageSize size)
    {
        if (points.Length % 2 != 0 || points.Length < 6)
            throw new ArgumentException($"found a polygon of {points.Length} values, expected an even number and at least 6");
        var crossings = new List<uint>();
        var tracer = new CrossingTracer(crossings, size);
        for (var i = 0; i <= points.Length; i += 2)
        {
            var (x, y) = (points[i % points.Length], points[(i + 1) % points.Length]);
            if (!(Math.Abs(x) < MaxCoordinate && Math.Abs(y) < MaxCoordinate))
                throw new ArgumentException($"found the point ({x}, {y}) in a polygon, expected pixel coordinates below {MaxCoordinate}");
            tracer.LineTo((int)(Upsampling * x + 0.5), (int)(Upsampling * y + 0.5));
        }

        crossings.Sort();
        return FromCrossings(crossings, size);
    }

    // Between the first and the second crossing lies mask, between the second and third background, and so on.
    private static RunLengthMask FromCrossings(List<uint> crossings, ImageSize size)
    {
        var runs = new RunBuilder(size);
        var total = (long)size.Height * size.Width;
        for (var i = 0; i < crossings.Count; i += 2)
        {
            var end = i + 1 < crossings.Count ? crossings[i + 1] : total;
            runs.Add(crossings[i], end - crossings[i]);
        }

        return runs.ToMask();
    }

    /// <summary>Walks the outline on the fine grid and notes, per column of pixels, where it crosses the column's centre.</summary>
    private struct CrossingTracer(List<uint> crossings, ImageSize size)
    {
        private bool started;
        private int lastX, lastY;
        private bool hasPrevious;
        private int previousX, previousY;

        public void LineTo(int x, int y)
        {
            if (started)
                Line(lastX, lastY, x, y);
            (started, lastX, lastY) = (true, x, y);
        }

        private void Line(int startX, int startY, int endX, int endY)
        {
            int dx = Math.Abs(endX - startX), dy = Math.Abs(endY - startY);
            // Always computed from the lower end, so that an edge shared by two polygons has the same points in both.
            var flip = dx >= dy ? startX > endX : startY > endY;
            if (flip)
                (startX, startY, endX, endY) = (endX, endY, startX, startY);
            if (dx >= dy)
            {
                var slope = dx == 0 ? 0 : (double)(endY - startY) / dx;
                for (var d = 0; d <= dx; d++)
                {
                    var t = flip ? dx - d : d;
                    Visit(t + startX, (int)(startY + slope * t + 0.5));
                }
            }
            else
            {
                var slope = (double)(endX - startX) / dy;
                for (var d = 0; d <= dy; d++)
                {
                    var t = flip ? dy - d : d;
                    Visit((int)(startX + slope * t + 0.5), t + startY);
                }
            }
        }

        private void Visit(int x, int y)
        {
            if (hasPrevious && x != previousX)
                Cross(x, y);
            (hasPrevious, previousX, previousY) = (true, x, y);
        }

        private void Cross(int x, int y)
        {
            var column = ((x < previousX ? x : x - 1) + 0.5) / Upsampling - 0.5;
            if (Math.Floor(column) != column || column < 0 || column > size.Width - 1)
                return;
            var row = (Math.Min(y, previousY) + 0.5) / Upsampling - 0.5;
            row = Math.Ceiling(Math.Clamp(row, 0, size.Height));
            crossings.Add((uint)((int)column * size.Height + (int)row));
        }
    }
}

namespace Fovea.Data.Scenes;

/// <summary>The outlines of the shapes, by their signed distance: negative inside, positive outside.</summary>
public static class SceneShapes
{
    private static readonly double[] Square = Regular(4, 1, 1);
    private static readonly double[] Triangle = Regular(3, 1, 1);
    private static readonly double[] Star = Regular(5, 1, 0.42);
    private static readonly double[] Cross =
        [-0.3, -0.95, 0.3, -0.95, 0.3, -0.3, 0.95, -0.3, 0.95, 0.3, 0.3, 0.3, 0.3, 0.95, -0.3, 0.95, -0.3, 0.3, -0.95, 0.3, -0.95, -0.3, -0.3, -0.3];

    /// <summary>All shapes: disc, square, triangle, star, ring, cross.</summary>
    public static IReadOnlyList<string> Names { get; } = ["disc", "square", "triangle", "star", "ring", "cross"];

    /// <summary>Signed distance from a point to the outline of a shape of radius 1 around the origin.</summary>
    /// <exception cref="FoveaException">There is no such shape.</exception>
    internal static double Distance(string shape, double x, double y) => shape switch
    {
        "disc" => Math.Sqrt(x * x + y * y) - 0.92,
        "ring" => Math.Abs(Math.Sqrt(x * x + y * y) - 0.72) - 0.22,
        "square" => ToPolygon(Square, x, y),
        "triangle" => ToPolygon(Triangle, x, y),
        "star" => ToPolygon(Star, x, y),
        "cross" => ToPolygon(Cross, x, y),
        _ => throw new FoveaException($"scene: found shape '{shape}', expected one of {string.Join(", ", Names)}{NearestName.Suggest(shape, Names)}"),
    };

    /// <summary>Corners on a circle, or alternating between two for a star.</summary>
    private static double[] Regular(int corners, double outer, double inner)
    {
        var isStar = inner < outer;
        var count = isStar ? 2 * corners : corners;
        var points = new double[2 * count];
        for (var i = 0; i < count; i++)
        {
            var radius = isStar && i % 2 == 1 ? inner : outer;
            var (sin, cos) = Math.SinCos(2 * Math.PI * i / count - Math.PI / 2);
            (points[2 * i], points[2 * i + 1]) = (radius * cos, radius * sin);
        }

        return points;
    }

    private static double ToPolygon(double[] points, double x, double y)
    {
        var nearest = double.MaxValue;
        var inside = false;
        for (int i = 0, j = points.Length - 2; i < points.Length; j = i, i += 2)
        {
            var (ax, ay, bx, by) = (points[i], points[i + 1], points[j], points[j + 1]);
            var (ex, ey, wx, wy) = (bx - ax, by - ay, x - ax, y - ay);
            var along = Math.Clamp((wx * ex + wy * ey) / (ex * ex + ey * ey), 0, 1);
            var (dx, dy) = (wx - ex * along, wy - ey * along);
            nearest = Math.Min(nearest, dx * dx + dy * dy);
            if (ay > y != by > y && x < ex * (y - ay) / ey + ax)
                inside = !inside;
        }

        return inside ? -Math.Sqrt(nearest) : Math.Sqrt(nearest);
    }
}

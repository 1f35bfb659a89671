namespace Fovea.Transforms;

/// <summary>
/// A projective map of the image plane in continuous pixel coordinates (the centre of the first pixel is at 0.5, 0.5):
/// x' = (A x + B y + C) / w, y' = (D x + E y + F) / w, w = G x + H y + I.
/// </summary>
public readonly record struct Projection(
    double A, double B, double C, double D, double E, double F, double G = 0, double H = 0, double I = 1)
{
    /// <summary>Leaves everything where it is.</summary>
    public static Projection Identity { get; } = new(1, 0, 0, 0, 1, 0);

    /// <summary>Whether lines stay parallel.</summary>
    public bool IsAffine => G == 0 && H == 0;

    /// <summary>Whether rows stay rows and columns stay columns: scaling, mirroring and shifting only.</summary>
    public bool IsAxisAligned => IsAffine && B == 0 && D == 0;

    /// <summary>Shifts by a distance in pixels.</summary>
    public static Projection Translate(double x, double y) => new(1, 0, x, 0, 1, y);

    /// <summary>Scales about the origin.</summary>
    public static Projection Scale(double x, double y) => new(x, 0, 0, 0, y, 0);

    /// <summary>Turns clockwise, as seen on a screen, about the origin.</summary>
    public static Projection Rotate(double degrees)
    {
        var (sine, cosine) = Math.SinCos(degrees * (Math.PI / 180));
        return new Projection(cosine, -sine, 0, sine, cosine, 0);
    }

    /// <summary>Slants columns by one angle and rows by another: x' = x - y tan(x degrees), then y' = y - x' tan(y degrees).</summary>
    public static Projection Shear(double xDegrees, double yDegrees) =>
        new Projection(1, 0, 0, -Math.Tan(yDegrees * (Math.PI / 180)), 1, 0) * new Projection(1, -Math.Tan(xDegrees * (Math.PI / 180)), 0, 0, 1, 0);

    /// <summary>The map that takes four points to four others.</summary>
    /// <param name="from">Four points, no three on a line.</param>
    /// <param name="to">Where they go, in the same order.</param>
    /// <exception cref="ArgumentException">Three of the points lie on a line.</exception>
    public static Projection Through(ReadOnlySpan<(double X, double Y)> from, ReadOnlySpan<(double X, double Y)> to)
    {
        if (from.Length != 4 || to.Length != 4)
            throw new ArgumentException($"found {from.Length} and {to.Length} points, expected 4 and 4", nameof(from));
        return FromUnitSquare(to) * FromUnitSquare(from).Inverse();
    }

    /// <summary>First the right map, then the left one.</summary>
    public static Projection operator *(Projection left, Projection right) => new(
        left.A * right.A + left.B * right.D + left.C * right.G,
        left.A * right.B + left.B * right.E + left.C * right.H,
        left.A * right.C + left.B * right.F + left.C * right.I,
        left.D * right.A + left.E * right.D + left.F * right.G,
        left.D * right.B + left.E * right.E + left.F * right.H,
        left.D * right.C + left.E * right.F + left.F * right.I,
        left.G * right.A + left.H * right.D + left.I * right.G,
        left.G * right.B + left.H * right.E + left.I * right.H,
        left.G * right.C + left.H * right.F + left.I * right.I);

    /// <summary>First the right map, then the left one.</summary>
    public static Projection Multiply(Projection left, Projection right) => left * right;

    /// <summary>The map back.</summary>
    /// <exception cref="ArgumentException">The map flattens the plane and has no way back.</exception>
    public Projection Inverse()
    {
        var (a, b, c) = (E * I - F * H, C * H - B * I, B * F - C * E);
        var determinant = A * a + D * b + G * c;
        if (!double.IsNormal(determinant))
            throw new ArgumentException($"found a map with determinant {determinant}, which cannot be inverted");
        var scale = 1 / determinant;
        return new Projection(
            a * scale, b * scale, c * scale,
            (F * G - D * I) * scale, (A * I - C * G) * scale, (C * D - A * F) * scale,
            (D * H - E * G) * scale, (B * G - A * H) * scale, (A * E - B * D) * scale);
    }

    /// <summary>Where a point goes.</summary>
    public (double X, double Y) Map(double x, double y)
    {
        var w = G * x + H * y + I;
        return ((A * x + B * y + C) / w, (D * x + E * y + F) / w);
    }

    /// <summary>The smallest upright box around the four corners of a box where they go.</summary>
    public Box Map(Box box)
    {
        var (ax, ay) = Map(box.X1, box.Y1);
        var (bx, by) = Map(box.X2, box.Y1);
        var (cx, cy) = Map(box.X1, box.Y2);
        var (dx, dy) = Map(box.X2, box.Y2);
        return new Box(
            (float)Math.Min(Math.Min(ax, bx), Math.Min(cx, dx)), (float)Math.Min(Math.Min(ay, by), Math.Min(cy, dy)),
            (float)Math.Max(Math.Max(ax, bx), Math.Max(cx, dx)), (float)Math.Max(Math.Max(ay, by), Math.Max(cy, dy)));
    }

    // Heckbert, "Fundamentals of texture mapping and image warping" (1989), section 2.2.3: corners (0,0), (1,0), (1,1), (0,1).
    private static Projection FromUnitSquare(ReadOnlySpan<(double X, double Y)> p)
    {
        var (dx1, dy1) = (p[1].X - p[2].X, p[1].Y - p[2].Y);
        var (dx2, dy2) = (p[3].X - p[2].X, p[3].Y - p[2].Y);
        var (sx, sy) = (p[0].X - p[1].X + p[2].X - p[3].X, p[0].Y - p[1].Y + p[2].Y - p[3].Y);
        var denominator = dx1 * dy2 - dx2 * dy1;
        if (denominator == 0)
            throw new ArgumentException("found three points on a line, expected the corners of a quadrilateral", nameof(p));
        var (g, h) = ((sx * dy2 - dx2 * sy) / denominator, (dx1 * sy - sx * dy1) / denominator);
        return new Projection(
            p[1].X - p[0].X + g * p[1].X, p[3].X - p[0].X + h * p[3].X, p[0].X,
            p[1].Y - p[0].Y + g * p[1].Y, p[3].Y - p[0].Y + h * p[3].Y, p[0].Y,
            g, h, 1);
    }
}

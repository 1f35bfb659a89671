namespace Fovea.Data.Scenes;

/// <summary>A shape somewhere in a scene: turned, a little squeezed, painted.</summary>
internal sealed record SceneObject(string Shape, int Label, double X, double Y, double Radius, double Angle, double Squeeze, ScenePaint Paint)
{
    private readonly double sin = Math.Sin(Angle);
    private readonly double cos = Math.Cos(Angle);

    /// <summary>Pixels that the shape can touch.</summary>
    public (int Left, int Top, int Right, int Bottom) Bounds(ImageSize size)
    {
        var reach = Radius + 2;
        return (
            Math.Clamp((int)(X - reach), 0, size.Width), Math.Clamp((int)(Y - reach), 0, size.Height),
            Math.Clamp((int)(X + reach) + 1, 0, size.Width), Math.Clamp((int)(Y + reach) + 1, 0, size.Height));
    }

    /// <summary>The share of a pixel that the shape covers, 0 to 1.</summary>
    public double Coverage(int column, int row)
    {
        var (u, v) = ToShape(column, row);
        return Math.Clamp(0.5 - SceneShapes.Distance(Shape, u, v) * Radius * Squeeze, 0, 1);
    }

    public Colour ColourAt(int column, int row)
    {
        var (u, v) = ToShape(column, row);
        // Darker to the lower right, as if lit from the upper left.
        return Paint.At(u, v).Scale(1 - 0.12 * ((column + 0.5 - X) + (row + 0.5 - Y)) / Radius);
    }

    private (double U, double V) ToShape(int column, int row)
    {
        var (x, y) = ((column + 0.5 - X) / Radius, (row + 0.5 - Y) / Radius);
        return (x * cos + y * sin, (y * cos - x * sin) / Squeeze);
    }
}

namespace Fovea.Data.Scenes;

/// <summary>A background: a gradient, clouds of noise in three sizes, and faint streaks that are no object.</summary>
internal sealed class SceneBackground
{
    private const int GridSide = 17;
    private readonly Colour from;
    private readonly Colour to;
    private readonly double sin;
    private readonly double cos;
    private readonly double strength;
    private readonly double[][] grids;
    private readonly (double Offset, double Sin, double Cos, double Width, double Shade)[] streaks;

    public SceneBackground(Random random)
    {
        from = Colour.Random(random);
        to = from.Mix(Colour.Random(random), 0.2 + 0.6 * random.NextDouble());
        (sin, cos) = Math.SinCos(2 * Math.PI * random.NextDouble());
        strength = 0.05 + 0.25 * random.NextDouble();
        grids = new double[3][];
        for (var i = 0; i < grids.Length; i++)
        {
            grids[i] = new double[GridSide * GridSide];
            for (var j = 0; j < grids[i].Length; j++)
                grids[i][j] = 2 * random.NextDouble() - 1;
        }

        streaks = new (double, double, double, double, double)[random.Next(4)];
        for (var i = 0; i < streaks.Length; i++)
        {
            var (lineSin, lineCos) = Math.SinCos(Math.PI * random.NextDouble());
            streaks[i] = (random.NextDouble() - 0.5, lineSin, lineCos, 0.004 + 0.02 * random.NextDouble(), 0.7 + 0.6 * random.NextDouble());
        }
    }

    /// <summary>The colour half-way along the gradient, for choosing objects that stand out.</summary>
    public Colour Mean => from.Mix(to, 0.5);

    /// <summary>The colour at a place, both coordinates 0 to 1.</summary>
    public Colour At(double x, double y)
    {
        var (u, v) = (x - 0.5, y - 0.5);
        var shade = 1.0;
        for (var octave = 0; octave < grids.Length; octave++)
            shade += strength / (1 << octave) * Cloud(grids[octave], x * (4 << octave), y * (4 << octave));
        foreach (var (offset, lineSin, lineCos, width, lineShade) in streaks)
        {
            if (Math.Abs(u * lineCos + v * lineSin - offset) < width)
                shade *= lineShade;
        }

        return from.Mix(to, Math.Clamp(0.5 + u * cos + v * sin, 0, 1)).Scale(shade);
    }

    /// <summary>Values on a grid, smoothly interpolated.</summary>
    private static double Cloud(double[] grid, double x, double y)
    {
        var (column, row) = (Math.Min((int)x, GridSide - 2), Math.Min((int)y, GridSide - 2));
        var (fx, fy) = (Smooth(x - column), Smooth(y - row));
        var at = row * GridSide + column;
        var top = grid[at] + (grid[at + 1] - grid[at]) * fx;
        var bottom = grid[at + GridSide] + (grid[at + GridSide + 1] - grid[at + GridSide]) * fx;
        return top + (bottom - top) * fy;
    }

    private static double Smooth(double value) => value * value * (3 - 2 * value);
}

namespace Fovea.Data.Scenes;

/// <summary>A colour, each part 0 to 255.</summary>
internal readonly record struct Colour(double R, double G, double B)
{
    public static Colour Random(Random random)
    {
        // Hue evenly, and neither black nor white: grey scenes would be all texture.
        var hue = random.NextDouble() * 6;
        var saturation = 0.25 + 0.75 * random.NextDouble();
        var value = 70 + 170 * random.NextDouble();
        double Part(double offset) => value * (1 - saturation * Math.Clamp(Math.Min((hue + offset) % 6, 4 - (hue + offset) % 6), 0, 1));
        return new Colour(Part(5), Part(3), Part(1));
    }

    public double DistanceTo(Colour other)
    {
        var (r, g, b) = (R - other.R, G - other.G, B - other.B);
        return Math.Sqrt(0.3 * r * r + 0.59 * g * g + 0.11 * b * b);
    }

    public Colour Mix(Colour other, double share) => new(R + (other.R - R) * share, G + (other.G - G) * share, B + (other.B - B) * share);

    public Colour Scale(double factor) => new(R * factor, G * factor, B * factor);
}

/// <summary>A surface: colour as a function of the place.</summary>
internal abstract record ScenePaint
{
    /// <summary>The colour at a place in units of the shape's radius.</summary>
    public abstract Colour At(double x, double y);

    public static ScenePaint Random(Random random, Colour colour)
    {
        var second = colour.Mix(Colour.Random(random), 0.6).Scale(0.75 + 0.5 * random.NextDouble());
        var frequency = 2 + 4 * random.NextDouble();
        var angle = Math.PI * random.NextDouble();
        return random.Next(5) switch
        {
            0 => new Plain(colour),
            1 => new Gradient(colour, second, angle),
            2 => new Stripes(colour, second, angle, frequency),
            3 => new Checks(colour, second, angle, frequency),
            _ => new Dots(colour, second, angle, frequency),
        };
    }

    /// <summary>A soft step from 0 to 1 about 0, so that texture has no jagged edges.</summary>
    private static double Soft(double value) => Math.Clamp(0.5 + 4 * value, 0, 1);

    private static (double U, double V) Turn(double x, double y, double angle)
    {
        var (sin, cos) = Math.SinCos(angle);
        return (x * cos + y * sin, y * cos - x * sin);
    }

    private sealed record Plain(Colour First) : ScenePaint
    {
        public override Colour At(double x, double y) => First;
    }

    private sealed record Gradient(Colour First, Colour Second, double Angle) : ScenePaint
    {
        public override Colour At(double x, double y) => First.Mix(Second, Math.Clamp(0.5 + 0.5 * Turn(x, y, Angle).U, 0, 1));
    }

    private sealed record Stripes(Colour First, Colour Second, double Angle, double Frequency) : ScenePaint
    {
        public override Colour At(double x, double y) => First.Mix(Second, Soft(Math.Sin(Math.PI * Frequency * Turn(x, y, Angle).U)));
    }

    private sealed record Checks(Colour First, Colour Second, double Angle, double Frequency) : ScenePaint
    {
        public override Colour At(double x, double y)
        {
            var (u, v) = Turn(x, y, Angle);
            return First.Mix(Second, Soft(Math.Sin(Math.PI * Frequency * u) * Math.Sin(Math.PI * Frequency * v)));
        }
    }

    private sealed record Dots(Colour First, Colour Second, double Angle, double Frequency) : ScenePaint
    {
        public override Colour At(double x, double y)
        {
            var (u, v) = Turn(x * Frequency / 2, y * Frequency / 2, Angle);
            var (du, dv) = (u - Math.Round(u), v - Math.Round(v));
            return First.Mix(Second, Soft(0.3 - Math.Sqrt(du * du + dv * dv)));
        }
    }
}

namespace Fovea.Imaging.Drawing;

/// <summary>Colours of a quantity from 0 to 1.</summary>
public sealed class ColourMap
{
    private readonly Colour[] table;

    private ColourMap(Func<double, Colour> at) => table = [.. Enumerable.Range(0, 256).Select(i => at(i / 255.0))];

    /// <summary>Violet over blue and green to yellow, lightness rising evenly: readable in grey and for colour-blind eyes.</summary>
    public static ColourMap Viridis { get; } = new(static v => Colour.FromOklch(0.27 + 0.64 * v, 0.11 + 0.08 * v * v, 310 - 205 * Math.Pow(v, 0.85)));

    /// <summary>Dark blue, blue, cyan, yellow, red, dark red: the classic of saliency maps.</summary>
    public static ColourMap Jet { get; } = new(static v => new Colour(Ramp(4 * v - 3), Ramp(4 * v - 2), Ramp(4 * v - 1)));

    /// <summary>Black to white.</summary>
    public static ColourMap Grey { get; } = new(static v => new Colour((byte)(v * 255 + 0.5), (byte)(v * 255 + 0.5), (byte)(v * 255 + 0.5)));

    /// <summary>White to a colour, lightness falling evenly.</summary>
    public static ColourMap Towards(Colour colour) => new(v => Colour.White.Mix(colour, v));

    /// <summary>The colour of a value; beyond 0 and 1 that of the end, of no number that of 0.</summary>
    public Colour At(double value) => table[double.IsNaN(value) ? 0 : (int)(Math.Clamp(value, 0, 1) * 255 + 0.5)];

    // A flat hill: 1 within half a unit of the middle, falling to 0 over the next unit.
    private static byte Ramp(double distance) => (byte)(255 * Math.Clamp(1.5 - Math.Abs(distance), 0, 1) + 0.5);
}

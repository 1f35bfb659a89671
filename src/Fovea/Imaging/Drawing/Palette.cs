namespace Fovea.Imaging.Drawing;

/// <summary>Colours of classes and series.</summary>
public static class Palette
{
    // Okabe and Ito, "Color universal design" (2008), without black: distinct for colour-blind eyes too.
    private static readonly Colour[] First =
    [
        new(230, 159, 0), new(86, 180, 233), new(0, 158, 115), new(213, 94, 0), new(0, 114, 178), new(204, 121, 167), new(240, 228, 66),
    ];

    private static readonly int[] Dark = [4, 3, 2, 5, 0, 1];

    /// <summary>The colour of a class: seven that colour-blind people tell apart, then ever new hues in four steps of lightness.</summary>
    /// <param name="index">Class, 0 or more.</param>
    public static Colour Of(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        if (index < First.Length)
            return First[index];
        // The golden angle never comes back to a hue, and lightness is what every eye sees.
        var n = index - First.Length;
        return Colour.FromOklch(0.45 + n % 4 * 0.14, 0.13, 20 + n * 137.508);
    }

    /// <summary>The colour of a line on white: as <see cref="Of"/>, but the dark ones first and yellow never.</summary>
    /// <param name="index">Series, 0 or more.</param>
    public static Colour Line(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        return index < Dark.Length ? First[Dark[index]] : Of(index + 1);
    }

    /// <summary>The colours of as many classes as asked for, as RGB triples: a palette for label images.</summary>
    public static byte[] Triples(int count) => [.. Enumerable.Range(0, count).Select(Of).SelectMany(static c => new[] { c.R, c.G, c.B })];
}

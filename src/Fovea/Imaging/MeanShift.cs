using System.Runtime.InteropServices;

namespace Fovea.Imaging;

/// <summary>How far <see cref="MeanShift"/> looks.</summary>
public sealed record MeanShiftOptions
{
    /// <summary>Radius of the window in the picture, h_s, pixels.</summary>
    public double SpatialRadius { get; init; } = 8;

    /// <summary>Radius of the window among colours, h_r, in steps of 8 bits along the straight line between two colours.</summary>
    public double ColourRadius { get; init; } = 16;

    /// <summary>Regions of fewer pixels join the neighbour of the nearest colour.</summary>
    public int MinimumPixels { get; init; } = 20;
}

/// <summary>
/// Mean Shift: A Robust Approach Toward Feature Space Analysis (Comaniciu, Meer, PAMI 2002), section 4: splits a picture into regions
/// of even colour without having learnt anything. Every pixel climbs to the mean of the pixels near it in place and in colour
/// until it stands still (flat kernels); neighbours that arrive near each other are one region.
/// </summary>
public static class MeanShift
{
    /// <summary>Splits a picture into regions. Pixels beside or above each other belong together when they arrive within both radii of each other.</summary>
    /// <param name="image">Grey or RGB, 8 bits.</param>
    /// <param name="options">How far is looked; the defaults when null.</param>
    /// <exception cref="FoveaException">The picture is of another kind, or a radius is not positive.</exception>
    public static PictureRegions Segment(Image image, MeanShiftOptions? options = null)
    {
        options ??= new MeanShiftOptions();
        var filter = Run(image, options);
        return RegionMerger.Merge(filter, options);
    }

    /// <summary>Gives every pixel the colour at which it arrives: smooth within regions, sharp between them.</summary>
    /// <param name="image">Grey or RGB, 8 bits.</param>
    /// <param name="options">How far is looked; the defaults when null.</param>
    /// <exception cref="FoveaException">The picture is of another kind, or a radius is not positive.</exception>
    public static Image Filter(Image image, MeanShiftOptions? options = null)
    {
        var filter = Run(image, options ?? new MeanShiftOptions());
        var result = new Image(image.Size, image.Channels);
        for (var i = 0; i < filter.Modes.Length; i++)
            filter.Modes[i].WriteColour(result.Data.AsSpan(i * image.Channels, image.Channels));
        return result;
    }

    private static MeanShiftFilter Run(Image image, MeanShiftOptions options)
    {
        if (image is not { Type: PixelType.UInt8, Channels: 1 or 3 })
            throw new FoveaException($"mean shift: found a picture of {image.Channels} channels of {image.Type}, expected grey or RGB of 8 bits; convert it first");
        if (!(options.SpatialRadius > 0) || !(options.ColourRadius > 0))
            throw new FoveaException($"mean shift: found radii {options.SpatialRadius} in place and {options.ColourRadius} in colour, expected both above 0");
        return new MeanShiftFilter(image, options);
    }
}

/// <summary>Where a pixel arrives: place and colour; a grey one has its value in <see cref="Red"/> alone.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Mode(float X, float Y, float Red, float Green, float Blue)
{
    /// <summary>The square of the distance to another colour.</summary>
    public float ColourDistance(Mode other) => Square(Red - other.Red) + Square(Green - other.Green) + Square(Blue - other.Blue);

    /// <summary>The square of the distance to another place.</summary>
    public float PlaceDistance(Mode other) => Square(X - other.X) + Square(Y - other.Y);

    /// <summary>Writes the colour as one or three bytes.</summary>
    public void WriteColour(Span<byte> pixel)
    {
        pixel[0] = (byte)MathF.Round(Red);
        if (pixel.Length == 1)
            return;
        pixel[1] = (byte)MathF.Round(Green);
        pixel[2] = (byte)MathF.Round(Blue);
    }

    private static float Square(float value) => value * value;
}

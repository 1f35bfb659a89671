using Fovea.Imaging;

namespace Fovea.Explain;

/// <summary>From a map to the box of the object it points at: the largest connected part above a share of the greatest value (Zhou et al. 2016, section 3.1).</summary>
public static class MapBox
{
    /// <summary>The box in pixels of the map, or null when no value is above 0.</summary>
    /// <param name="values">H times W values, row by row.</param>
    /// <param name="size">Size of the map.</param>
    /// <param name="share">Share of the greatest value that a pixel must pass: 0.2 for CAM, 0.15 for Grad-CAM.</param>
    public static Box? Of(ReadOnlySpan<float> values, ImageSize size, double share)
    {
        var greatest = 0f;
        foreach (var value in values)
            greatest = Math.Max(greatest, value);
        if (greatest <= 0)
            return null;
        var mask = new byte[values.Length];
        for (var i = 0; i < mask.Length; i++)
            mask[i] = values[i] > share * greatest ? (byte)1 : (byte)0;
        var parts = ConnectedComponents.Label(mask, size);
        var areas = parts.Areas();
        var largest = Array.IndexOf(areas, areas.Max()) + 1;
        var (left, top, right, bottom) = (size.Width, size.Height, 0, 0);
        for (var i = 0; i < mask.Length; i++)
        {
            if (parts.Labels[i] != largest)
                continue;
            var (x, y) = (i % size.Width, i / size.Width);
            (left, top, right, bottom) = (Math.Min(left, x), Math.Min(top, y), Math.Max(right, x + 1), Math.Max(bottom, y + 1));
        }

        return new Box(left, top, right, bottom);
    }
}

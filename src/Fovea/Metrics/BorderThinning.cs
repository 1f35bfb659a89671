using Fovea.Imaging;

namespace Fovea.Metrics;

/// <summary>
/// Makes borders between objects one pixel wide, so that figures of a division of pixels do not depend on how wide they were drawn
/// (Arganda-Carreras et al. 2015): objects grow into the border from both sides, a pixel sooner the nearer it is to one, and never into
/// each other. A border with one object on both sides, which divides nothing, goes away.
/// </summary>
internal static class BorderThinning
{
    /// <summary>1 for objects and 0 for borders, H times W.</summary>
    /// <param name="objects">H times W values, 0 for borders, anything else for objects; without any there is nothing that grows.</param>
    /// <param name="size">Size of the picture.</param>
    public static byte[] Of(ReadOnlySpan<byte> objects, ImageSize size)
    {
        var (border, everywhere) = (new byte[objects.Length], new byte[objects.Length]);
        Array.Fill(everywhere, (byte)1);
        for (var i = 0; i < border.Length; i++)
            border[i] = objects[i] == 0 ? (byte)1 : (byte)0;
        var picture = new BendablePicture(objects, size);
        picture.BendTowards(new BendablePicture(everywhere, size), DistanceTransform.Compute(border, size));
        return picture.ToArray();
    }
}

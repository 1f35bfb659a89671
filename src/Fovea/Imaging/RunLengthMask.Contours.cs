namespace Fovea.Imaging;

public sealed partial class RunLengthMask
{
    /// <summary>
    /// The outline of every connected part, along the edges of pixels: rasterised by <see cref="FromPolygons"/> they give this
    /// very mask again.
    /// </summary>
    /// <returns>One polygon x, y, x, y ... for each part whose pixels touch by their sides. A hole is joined to its outline by
    /// a cut of no width, since COCO polygons know no holes.</returns>
    public IReadOnlyList<double[]> ToPolygons() =>
        [.. MaskContours.Trace(this).JoinHoles().Select(ring => ring.SelectMany(point => new double[] { point.X, point.Y }).ToArray())];

    /// <summary>The outlines along the edges of pixels: outer ones clockwise as seen on a screen, holes the other way round.</summary>
    public IReadOnlyList<double[]> ToContours() =>
        [.. MaskContours.Trace(this).Rings.Select(ring => ring.SelectMany(point => new double[] { point.X, point.Y }).ToArray())];
}

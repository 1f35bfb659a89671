namespace Fovea;

/// <summary>
/// An axis-aligned box in continuous pixel coordinates, half-open: a box around exactly one pixel at column 3, row 5 is
/// (3, 5, 4, 6). Readers convert every file convention (1-based VOC, x-y-width-height COCO, normalised YOLO) to this one.
/// </summary>
/// <param name="X1">Left edge, pixels.</param>
/// <param name="Y1">Top edge, pixels.</param>
/// <param name="X2">Right edge, pixels, exclusive.</param>
/// <param name="Y2">Bottom edge, pixels, exclusive.</param>
public readonly record struct Box(float X1, float Y1, float X2, float Y2)
{
    /// <summary>Width in pixels; negative when the box is inverted.</summary>
    public float Width => X2 - X1;

    /// <summary>Height in pixels; negative when the box is inverted.</summary>
    public float Height => Y2 - Y1;

    /// <summary>Area in square pixels, 0 for an empty or inverted box.</summary>
    public float Area => Math.Max(0, Width) * Math.Max(0, Height);

    /// <summary>Whether the box encloses any area.</summary>
    public bool IsEmpty => !(Width > 0 && Height > 0);

    /// <summary>Creates a box from its top-left corner and size.</summary>
    public static Box FromSize(float x, float y, float width, float height) => new(x, y, x + width, y + height);

    /// <summary>Creates a box from its centre and size.</summary>
    public static Box FromCenter(float cx, float cy, float width, float height) =>
        new(cx - width / 2, cy - height / 2, cx + width / 2, cy + height / 2);

    /// <summary>The part of the box inside an image of the given size.</summary>
    public Box Clip(ImageSize size) => new(
        Math.Clamp(X1, 0, size.Width), Math.Clamp(Y1, 0, size.Height),
        Math.Clamp(X2, 0, size.Width), Math.Clamp(Y2, 0, size.Height));

    /// <summary>Intersection over union with another box, 0 when either is empty.</summary>
    public float IoU(Box other)
    {
        var intersection = new Box(Math.Max(X1, other.X1), Math.Max(Y1, other.Y1), Math.Min(X2, other.X2), Math.Min(Y2, other.Y2)).Area;
        var union = Area + other.Area - intersection;
        return union > 0 ? intersection / union : 0;
    }
}

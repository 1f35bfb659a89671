namespace Fovea.Data;

/// <summary>The rules every box of a file is held to.</summary>
internal static class BoxRules
{
    /// <summary>How far a box may reach outside its picture, in pixels: the rounding of decimal coordinates, clipped without a word.</summary>
    public const float Tolerance = 0.05f;

    /// <summary>Holds a box against its picture and the policy.</summary>
    /// <param name="box">The box in Fovea's convention.</param>
    /// <param name="emptyAsWritten">Whether the numbers in the file make a box without width or height, whatever the convention makes of them.</param>
    /// <param name="size">Size of the picture, or null when the file does not state it.</param>
    /// <param name="written">The numbers as the file has them, for the message.</param>
    /// <param name="log">Where faults go.</param>
    /// <param name="file">The file, for the message.</param>
    /// <param name="field">The record in the file, for the message.</param>
    /// <param name="tolerance">How far the box may reach outside.</param>
    /// <returns>The box to use, or null when the object is to be left out.</returns>
    public static Box? Apply(
        Box box, bool emptyAsWritten, ImageSize? size, string written, FaultLog log, string file, string field, float tolerance = Tolerance)
    {
        if (!float.IsFinite(box.X1 + box.Y1 + box.X2 + box.Y2))
            return Refuse(FaultKind.AnnotationMalformed, written, "finite numbers");
        if (!emptyAsWritten && (box.Width < 0 || box.Height < 0))
            return Refuse(FaultKind.BoxInverted, $"{written} (inverted)", "the right edge right of the left one, the bottom below the top");
        var repairs = log.BoxPolicy == FaultPolicy.Clip && !box.IsEmpty;
        if ((emptyAsWritten || box.IsEmpty) && !repairs)
            return Refuse(FaultKind.BoxEmpty, $"{written} (zero area)", "a box with width and height");
        if (size is not { } bounds)
            return Keep(box);
        var inside = box.Clip(bounds);
        if (Distance(box, inside) <= tolerance)
            return Keep(inside);
        if (repairs && !inside.IsEmpty)
        {
            log.CountClipped();
            return Keep(inside);
        }

        return Refuse(FaultKind.BoxOutside, $"{written} (outside the image)", bounds is { Width: 1, Height: 1 } ? "numbers relative to the image, 0 to 1" : $"a box inside the {bounds} image");

        Box? Keep(Box kept)
        {
            if (emptyAsWritten)
                log.CountWidened();
            return kept;
        }

        Box? Refuse(FaultKind kind, string found, string expected)
        {
            log.Error(kind, file, field, found, expected);
            return null;
        }
    }

    private static float Distance(Box a, Box b) => Math.Max(
        Math.Max(Math.Abs(a.X1 - b.X1), Math.Abs(a.Y1 - b.Y1)), Math.Max(Math.Abs(a.X2 - b.X2), Math.Abs(a.Y2 - b.Y2)));
}

namespace Fovea.Data;

/// <summary>The kinds of fault a data set can have, for counting them.</summary>
public enum FaultKind
{
    /// <summary>An annotation names a picture that is not there.</summary>
    PictureMissing,

    /// <summary>A picture cannot be decoded: truncated, of zero bytes, or no picture at all.</summary>
    PictureUnreadable,

    /// <summary>A picture has no annotation where the format asks for one.</summary>
    AnnotationMissing,

    /// <summary>An annotation file or record does not follow its format.</summary>
    AnnotationMalformed,

    /// <summary>An annotation states no size for its picture where the format asks for one.</summary>
    SizeMissing,

    /// <summary>The size an annotation states is not that of the picture.</summary>
    SizeMismatch,

    /// <summary>The size an annotation states is that of the picture before its EXIF orientation is applied.</summary>
    Orientation,

    /// <summary>A box reaches outside its picture.</summary>
    BoxOutside,

    /// <summary>A box has no width or no height.</summary>
    BoxEmpty,

    /// <summary>A box has its right edge left of its left edge, or its bottom above its top.</summary>
    BoxInverted,

    /// <summary>A class is not in the class map.</summary>
    UnknownClass,

    /// <summary>A record refers to an id that no record has.</summary>
    DanglingId,

    /// <summary>Two records have the same id, or a list names something twice.</summary>
    DuplicateId,

    /// <summary>An object of the same class and box as another of its image.</summary>
    DuplicateObject,

    /// <summary>A mask is of another size than its picture.</summary>
    MaskSize,

    /// <summary>A mask holds values that are no class.</summary>
    MaskValues,

    /// <summary>The mask of an object cannot be read or is empty.</summary>
    MaskMalformed,

    /// <summary>Keypoints of the wrong number, or outside the picture.</summary>
    Keypoints,

    /// <summary>An image without objects: legal, it trains as background.</summary>
    NoObjects,

    /// <summary>The same picture appears more than once.</summary>
    DuplicatePicture,

    /// <summary>A class that never occurs, or two names that look like one.</summary>
    ClassUse,

    /// <summary>The depth of a picture is missing, of another size or not of 16 bits, or there is depth without a picture.</summary>
    Depth,
}

internal static class FaultKindExtensions
{
    /// <summary>The kind in words: <c>BoxOutside</c> is "box outside".</summary>
    public static string Phrase(this FaultKind kind) => string.Concat(
        kind.ToString().Select(static (letter, i) => char.IsUpper(letter) && i > 0 ? $" {char.ToLowerInvariant(letter)}" : $"{char.ToLowerInvariant(letter)}"));
}

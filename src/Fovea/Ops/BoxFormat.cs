namespace Fovea.Ops;

/// <summary>What the four numbers of a box are, in pixels.</summary>
public enum BoxFormat
{
    /// <summary>Left, top, right, bottom edge; right and bottom are exclusive.</summary>
    Xyxy,

    /// <summary>Left and top edge, width, height.</summary>
    Xywh,

    /// <summary>Centre, width, height.</summary>
    Cxcywh,
}

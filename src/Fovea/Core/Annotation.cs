using Fovea.Imaging;

namespace Fovea;

/// <summary>What is known about an image: any of a class, objects, and a map of classes.</summary>
/// <remarks>Empty is normal: an image with no objects has an empty <see cref="Instances"/> and trains as background.</remarks>
public sealed record Annotation
{
    /// <summary>The class of the whole image (an index of the <see cref="LabelSpace"/>), or null.</summary>
    public int? Label { get; init; }

    /// <summary>All classes of the whole image where it may have any number, rising, none twice; empty when it has none, null when the data set does not say.</summary>
    public IReadOnlyList<int>? Labels { get; init; }

    /// <summary>The objects in the image; empty when there are none, null when the data set has no objects at all.</summary>
    public IReadOnlyList<Instance>? Instances { get; init; }

    /// <summary>The class of every pixel, or null.</summary>
    public LabelMap? Map { get; init; }

    /// <summary>The classes of the image as a whole, one or several; empty when none is known.</summary>
    public IReadOnlyList<int> ImageLabels => Labels ?? (Label is { } label ? [label] : []);

    /// <summary>The classes that the image shows, as a whole or by its objects, rising; null when neither is known.</summary>
    public IReadOnlyList<int>? PresentLabels => Labels is not null || Label is not null ? ImageLabels
        : Instances?.Select(static instance => instance.Label).Distinct().Order().ToList();
}

/// <summary>One object of an image.</summary>
/// <param name="Label">Class, an index of the <see cref="LabelSpace"/>.</param>
/// <param name="Box">Its box in pixels of the (orientation-corrected) image.</param>
public sealed record Instance(int Label, Box Box)
{
    /// <summary>Its mask, of the size of the image, or null.</summary>
    public RunLengthMask? Mask { get; init; }

    /// <summary>Its keypoints in the order the data set declares, or null.</summary>
    public IReadOnlyList<Keypoint>? Keypoints { get; init; }

    /// <summary>Whether this is a COCO crowd region: not trained on, and matched loosely in evaluation.</summary>
    public bool IsCrowd { get; init; }

    /// <summary>Whether this is marked difficult in the sense of PASCAL VOC: ignored in evaluation.</summary>
    public bool IsDifficult { get; init; }

    /// <summary>Area in square pixels as the file states it (COCO: the mask's), or null to take the box's.</summary>
    public double? Area { get; init; }

    /// <summary>Identity in the file it came from, for messages; null where the format has none.</summary>
    public string? Id { get; init; }
}

/// <summary>A keypoint of an object.</summary>
/// <param name="X">Column in pixels.</param>
/// <param name="Y">Row in pixels.</param>
/// <param name="Visibility">0 not labelled, 1 labelled but hidden, 2 visible (the COCO convention).</param>
public readonly record struct Keypoint(float X, float Y, int Visibility);

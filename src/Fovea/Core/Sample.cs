namespace Fovea;

/// <summary>An image by its file, with what is known about it. The picture itself is decoded only when it is needed.</summary>
/// <param name="ImagePath">Path of the image file; for packed formats (IDX, CIFAR) "FILE#INDEX". Every error names it.</param>
/// <param name="Annotation">What is known about the image.</param>
public sealed record Sample(string ImagePath, Annotation Annotation)
{
    /// <summary>Identity in the data set: COCO image id, VOC file stem, file name; unique within the data set.</summary>
    public required string Id { get; init; }

    /// <summary>The size the annotation file claims for the image, or null where it claims none.</summary>
    public ImageSize? DeclaredSize { get; init; }

    /// <summary>The depth picture of 16 bits that belongs to the image, or null where there is none.</summary>
    public string? DepthPath { get; init; }

    /// <summary>The annotation file, or null where the folder name is the annotation.</summary>
    public string? AnnotationPath { get; init; }
}

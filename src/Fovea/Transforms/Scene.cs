using Fovea.Imaging;

namespace Fovea.Transforms;

/// <summary>A picture with everything known about it, and where its pixels came from: what transforms take and give.</summary>
/// <param name="Image">The picture.</param>
/// <param name="Annotation">Class, objects and label map, in pixels of <paramref name="Image"/>.</param>
public sealed record Scene(Image Image, Annotation Annotation)
{
    /// <summary>A fresh scene: the picture as it is in its file.</summary>
    /// <param name="image">The picture.</param>
    /// <param name="annotation">What is known about it.</param>
    /// <param name="name">The image's path, for messages.</param>
    public static Scene Of(Image image, Annotation? annotation = null, string name = "image") =>
        new(image, annotation ?? new Annotation()) { Name = name, OriginalSize = image.Size, Placement = Projection.Identity };

    /// <summary>The image's path, for messages.</summary>
    public required string Name { get; init; }

    /// <summary>
    /// The depth of every pixel, one channel of 16 bits of the picture's size, or null where none is needed. It moves with the picture, pixels
    /// unmixed; what comes from outside is 0, no measurement. Colours change without it.
    /// </summary>
    public Image? Depth { get; init; }

    /// <summary>Size of the picture before the first transform.</summary>
    public required ImageSize OriginalSize { get; init; }

    /// <summary>Takes pixels of the original picture to pixels of this one; null once the picture was bent (elastic deformation).</summary>
    public required Projection? Placement { get; init; }

    /// <summary>
    /// For data sets with keypoints: the keypoint that each becomes in a mirror (left eye to right eye); null when mirrored
    /// keypoints keep their names.
    /// </summary>
    public IReadOnlyList<int>? KeypointMirror { get; init; }

    /// <summary>Objects that transforms dropped so far because too little of them was left inside the picture.</summary>
    public int DroppedObjects { get; init; }

    /// <summary>Where this picture came from, for a batch.</summary>
    /// <param name="id">Identity in the data set.</param>
    /// <remarks>The scale is not a number when the picture was turned or bent: such pictures are for training and cannot be mapped back by an <see cref="ImageOrigin"/>.</remarks>
    public ImageOrigin Origin(string id) => Placement is { IsAxisAligned: true } place
        ? new ImageOrigin(Name, id, OriginalSize, Image.Size, place.A / place.I, place.E / place.I, place.C / place.I, place.F / place.I)
        : new ImageOrigin(Name, id, OriginalSize, Image.Size, double.NaN, double.NaN, double.NaN, double.NaN);
}

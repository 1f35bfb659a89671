using Fovea.Imaging;

namespace Fovea.Data;

/// <summary>What the annotations of a data set hold.</summary>
[Flags]
public enum DatasetContent
{
    /// <summary>Pictures only.</summary>
    None = 0,

    /// <summary>A class for every image.</summary>
    Classes = 1,

    /// <summary>Objects with boxes.</summary>
    Boxes = 2,

    /// <summary>A mask for objects.</summary>
    Masks = 4,

    /// <summary>Keypoints for objects.</summary>
    Keypoints = 8,

    /// <summary>A class for every pixel.</summary>
    Maps = 16,

    /// <summary>Any number of classes for every image.</summary>
    Labels = 32,
}

/// <summary>
/// Labelled images. The list of images, their classes and their boxes are known after opening; pictures, masks and maps
/// stay in their files and are read one at a time, so that the size of a set is bound by the disk and not by memory.
/// </summary>
/// <remarks>
/// <para>
/// All members may be called from many threads at once. Nothing is cached: who needs a sample twice reads it twice.
/// </para>
/// <para>
/// <see cref="Labels"/> names foreground classes for images and objects. For maps (<see cref="DatasetContent.Maps"/>) it
/// names the values of the map, so that a set with a background class lists it as a class of its own.
/// </para>
/// </remarks>
public interface IDataset
{
    /// <summary>The folder's name, with the split where there is one: "bccd/train".</summary>
    string Name { get; }

    /// <summary>The format it was read from.</summary>
    DatasetFormat Format { get; }

    /// <summary>What its annotations hold.</summary>
    DatasetContent Content { get; }

    /// <summary>The classes.</summary>
    LabelSpace Labels { get; }

    /// <summary>The names of the keypoints and the lines between them, or null where there are no keypoints.</summary>
    KeypointLayout? Keypoints { get; }

    /// <summary>What was found and decided while opening, one sentence each: where the classes came from, what was left out and how often.</summary>
    IReadOnlyList<string> Notes { get; }

    /// <summary>Number of images.</summary>
    int Count { get; }

    /// <summary>
    /// The image's path, class and boxes, without what lies in further files: masks, keypoints and maps are null, see <see cref="Load"/>.
    /// </summary>
    /// <param name="index">0 to <see cref="Count"/> - 1.</param>
    /// <exception cref="DataException">
    /// YOLO gives boxes relative to a picture whose size cannot be read, or a mask that gives the box cannot (one mask per object).
    /// </exception>
    Sample this[int index] { get; }

    /// <summary>The sample with everything known about it: masks and keypoints of its objects and its map read from their files.</summary>
    /// <param name="index">0 to <see cref="Count"/> - 1.</param>
    /// <exception cref="DataException">A mask or map is missing, of another size than its picture, or holds values that are no class.</exception>
    Sample Load(int index);

    /// <summary>Decodes the picture of a sample.</summary>
    /// <param name="index">0 to <see cref="Count"/> - 1.</param>
    /// <param name="channels">The channels wanted.</param>
    /// <returns>The picture with its EXIF orientation applied.</returns>
    /// <exception cref="FoveaException">The file is missing or cannot be decoded.</exception>
    Image LoadImage(int index, ImageChannels channels = ImageChannels.Rgb);
}

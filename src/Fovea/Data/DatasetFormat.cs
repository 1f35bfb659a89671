namespace Fovea.Data;

/// <summary>The data set formats that can be read.</summary>
public enum DatasetFormat
{
    /// <summary>One sub-folder of pictures per class, or such sub-folders below train/ and val/.</summary>
    ImageFolder,

    /// <summary>IDX files of the MNIST family, gzipped or not.</summary>
    Idx,

    /// <summary>CIFAR-10 or CIFAR-100 binary batches.</summary>
    Cifar,

    /// <summary>A table of pictures and the classes of each, none, one or several: labels.csv, or _classes.csv in train/ and valid/.</summary>
    MultiLabel,

    /// <summary>PASCAL VOC detection: one XML per picture, ImageSets/Main for the splits.</summary>
    Voc,

    /// <summary>PASCAL VOC segmentation: SegmentationClass PNGs, ImageSets/Segmentation for the splits.</summary>
    VocSegmentation,

    /// <summary>COCO JSON of objects: polygons, run lengths, crowds, and keypoints where the file has them.</summary>
    Coco,

    /// <summary>COCO JSON of persons with keypoints (person_keypoints_*.json).</summary>
    CocoKeypoints,

    /// <summary>YOLO text: one line per object with box or polygon relative to the picture.</summary>
    Yolo,

    /// <summary>Pictures and PNG masks whose values are classes.</summary>
    MaskPairs,

    /// <summary>A folder per picture with one mask PNG per object.</summary>
    InstanceMasks,

    /// <summary>Pictures, depth PNGs of 16 bits and PNG masks whose values are classes.</summary>
    Rgbd,

    /// <summary>Cityscapes: leftImg8bit and gtFine with a folder per city, its 19 classes.</summary>
    Cityscapes,

    /// <summary>CamVid: RGB masks in 32 colours or masks of class numbers, its 11 classes.</summary>
    CamVid,

    /// <summary>ADE20K as SceneParse150 has it: value 0 no class, 1 to 150 the classes.</summary>
    Ade20k,

    /// <summary>COCO-Stuff pixel maps: category ids less one, 255 void.</summary>
    CocoStuff,

    /// <summary>The Semantic Boundaries Dataset: MATLAB files with the classes of PASCAL VOC.</summary>
    Sbd,
}

/// <summary>The names of formats as typed on the command line and in recipes.</summary>
public static class DatasetFormatNames
{
    private static readonly Dictionary<string, DatasetFormat> Formats = new(StringComparer.OrdinalIgnoreCase)
    {
        ["image-folder"] = DatasetFormat.ImageFolder,
        ["idx"] = DatasetFormat.Idx,
        ["cifar"] = DatasetFormat.Cifar,
        ["multi-label"] = DatasetFormat.MultiLabel,
        ["voc"] = DatasetFormat.Voc,
        ["voc-segmentation"] = DatasetFormat.VocSegmentation,
        ["coco"] = DatasetFormat.Coco,
        ["coco-keypoints"] = DatasetFormat.CocoKeypoints,
        ["yolo"] = DatasetFormat.Yolo,
        ["mask-pairs"] = DatasetFormat.MaskPairs,
        ["instance-masks"] = DatasetFormat.InstanceMasks,
        ["rgbd"] = DatasetFormat.Rgbd,
        ["cityscapes"] = DatasetFormat.Cityscapes,
        ["camvid"] = DatasetFormat.CamVid,
        ["ade20k"] = DatasetFormat.Ade20k,
        ["coco-stuff"] = DatasetFormat.CocoStuff,
        ["sbd"] = DatasetFormat.Sbd,
    };

    /// <summary>All names.</summary>
    public static IReadOnlyCollection<string> All => Formats.Keys;

    /// <summary>The name of a format, such as "voc-segmentation".</summary>
    public static string Name(this DatasetFormat format) => Formats.First(pair => pair.Value == format).Key;

    /// <summary>The format of a name; underscores are as good as dashes.</summary>
    /// <exception cref="FoveaException">There is no such format; the message offers the nearest and lists all.</exception>
    public static DatasetFormat Parse(string name) => Formats.TryGetValue(name.Replace('_', '-'), out var format)
        ? format
        : throw new FoveaException($"data format: found '{name}', expected one of {string.Join(", ", All)}{NearestName.Suggest(name, All)}");
}

using Fovea.Data;
using Fovea.Training.Recipes;

namespace Fovea.Training;

/// <summary>The data set of a recipe.</summary>
public sealed record DataSection
{
    /// <summary>Folder of the data set; <c>--data</c> on the command line takes its place.</summary>
    public string? Folder { get; init; }

    /// <summary>Format of the data set (<c>image-folder</c>, <c>idx</c>, <c>cifar</c>, <c>voc</c>, <c>voc-segmentation</c>, <c>coco</c>, <c>coco-keypoints</c>, <c>yolo</c>, <c>mask-pairs</c>, <c>instance-masks</c>, <c>rgbd</c>, <c>cityscapes</c>, <c>camvid</c>, <c>ade20k</c>, <c>coco-stuff</c>, <c>sbd</c>); left out, it is detected.</summary>
    public string? Format { get; init; }

    /// <summary>Name of the split to train on, as the data set calls it; left out, the usual name if there is one, else a part of everything.</summary>
    public string? TrainSplit { get; init; }

    /// <summary>Name of the split to evaluate on; left out, the usual name if there is one, else the rest of everything.</summary>
    public string? ValidationSplit { get; init; }

    /// <summary>The share that is set aside for evaluation, stratified by class, when the data set has no split of its own.</summary>
    [Within(0.01, 0.9)]
    public double ValidationFraction { get; init; } = 0.2;

    /// <summary>File of parts that <c>fovea data split</c> wrote; its parts then take the place of the folder's splits. Of a file of folds, <c>validation_split: fold2</c> trains on all the others, and <c>--folds</c> takes them as they are.</summary>
    public string? SplitFile { get; init; }

    /// <summary>Class names in the order of their numbers; left out, those the data set declares. A class of the files that is missing here is an error.</summary>
    public IReadOnlyList<string>? Classes { get; init; }

    /// <summary>Values of label maps that mean "no class": their pixels count neither in training nor in evaluation.</summary>
    [Within(0, 255)]
    public IReadOnlyList<int> IgnoreValues { get; init; } = [];

    /// <summary>Names of the values of label maps, such as <c>{0: membrane, 255: cell}</c>; a value that is not named is a class number, and in maps of two values 0 and 255 are classes 0 and 1.</summary>
    public IReadOnlyDictionary<string, string>? PixelValues { get; init; }

    /// <summary>Value of the first class in label maps: 0, or 1 where 0 is no class (ADE20K, SUN RGB-D, NYU); left out, what the format says.</summary>
    [Within(0, 1)]
    public int? FirstClassValue { get; init; }

    /// <summary>Name of the folder of depth pictures, for data of colour and depth that has several (<c>depth</c> with holes, <c>depth_bfx</c> with holes filled).</summary>
    public string? DepthFolder { get; init; }

    /// <summary>How the images of an epoch are chosen: <c>shuffled</c>, every image once, or <c>class_balanced</c>, as many images but every class as often as the others, so that images of rare classes come again (classification).</summary>
    public SamplingKind Sampling { get; init; } = SamplingKind.Shuffled;

    /// <summary>A regular expression: images for whose id its first group (or all of it) matches the same text, such as one patient or one scene, stay together when a part is set aside and in cross-validation.</summary>
    public string? GroupBy { get; init; }

    /// <summary>Faulty annotations (boxes without area or outside their image, unknown classes ...): <c>error</c> does not start, <c>skip</c> leaves them out, <c>clip</c> repairs what can be repaired. What was done is counted and printed.</summary>
    public FaultPolicy Faults { get; init; } = FaultPolicy.Error;

    /// <summary>Whether images that cannot be decoded, and those whose masks cannot be used, are skipped and counted instead of ending the run.</summary>
    public bool SkipBroken { get; init; }

    /// <summary>Threads that load images; left out, one per core. It changes nothing but the speed.</summary>
    [Within(1, 1024)]
    public int? Workers { get; init; }

    /// <summary>The same with paths that hold wherever the program is started.</summary>
    public DataSection WithFullPaths() => this with
    {
        Folder = Folder is null ? null : Path.GetFullPath(Folder), SplitFile = SplitFile is null ? null : Path.GetFullPath(SplitFile),
    };
}

/// <summary>How the images of an epoch are chosen.</summary>
public enum SamplingKind
{
    /// <summary>Every image once, in a new order every epoch.</summary>
    Shuffled,

    /// <summary>Every class as often as the others.</summary>
    ClassBalanced,
}

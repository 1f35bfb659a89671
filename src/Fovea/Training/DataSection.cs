using Fovea.Training.Recipes;

namespace Fovea.Training;

/// <summary>The data set of a recipe.</summary>
public sealed record DataSection
{
    /// <summary>Folder of the data set; <c>--data</c> on the command line takes its place.</summary>
    public string? Folder { get; init; }

    /// <summary>Format of the data set (<c>image_folders</c>, <c>idx</c>, <c>voc</c>, <c>coco</c>, <c>yolo</c> ...); left out, it is detected.</summary>
    public string? Format { get; init; }

    /// <summary>Name of the split to train on, as the data set calls it; left out, the usual name if there is one, else a part of everything.</summary>
    public string? TrainSplit { get; init; }

    /// <summary>Name of the split to evaluate on; left out, the usual name if there is one, else the rest of everything.</summary>
    public string? ValidationSplit { get; init; }

    /// <summary>The share that is set aside for evaluation, stratified by class, when the data set has no split of its own.</summary>
    [Within(0.01, 0.9)]
    public double ValidationFraction { get; init; } = 0.2;

    /// <summary>Class names in the order of their numbers; left out, those the data set declares. A class of the files that is missing here is an error.</summary>
    public IReadOnlyList<string>? Classes { get; init; }

    /// <summary>Of label maps: which class, or <c>ignore</c>, each pixel value stands for, such as <c>{0: membrane, 255: cell}</c>; left out, value n is class n.</summary>
    public IReadOnlyDictionary<string, string>? PixelValues { get; init; }

    /// <summary>Boxes without area or outside their image: <c>error</c>, or <c>clip</c> (what is left without area is dropped), or <c>drop</c>. What was done is counted and printed.</summary>
    public InvalidBoxPolicy InvalidBoxes { get; init; } = InvalidBoxPolicy.Error;

    /// <summary>Whether images that cannot be decoded are skipped and counted instead of ending the run.</summary>
    public bool SkipBroken { get; init; }

    /// <summary>Threads that load images; left out, one per core. It changes nothing but the speed.</summary>
    [Within(1, 1024)]
    public int? Workers { get; init; }
}

/// <summary>What is done with boxes that have no area or leave their image.</summary>
public enum InvalidBoxPolicy
{
    /// <summary>The run does not start.</summary>
    Error,

    /// <summary>Boxes are cut to the image; those left without area are dropped and counted.</summary>
    Clip,

    /// <summary>Such boxes are dropped and counted.</summary>
    Drop,
}

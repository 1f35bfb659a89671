namespace Fovea.Metrics;

/// <summary>What becomes of a class that an image has neither in truth nor in prediction, where figures of images are averaged.</summary>
public enum BothEmptyRule
{
    /// <summary>The image is left out for that class.</summary>
    Skip,

    /// <summary>It counts as perfect: an overlap of 1, a distance of 0.</summary>
    Perfect,
}

/// <summary>What becomes of a distance when a class is in the truth or in the prediction alone. (Overlaps are 0 then.)</summary>
public enum OneEmptyRule
{
    /// <summary>It counts as the image's diagonal.</summary>
    Diagonal,

    /// <summary>The image is left out for that class, and only its overlap tells.</summary>
    Skip,
}

/// <summary>How often a class was empty.</summary>
/// <param name="Both">Images with it neither in truth nor in prediction.</param>
/// <param name="One">Images with it in one of the two.</param>
public readonly record struct EmptyCounts(int Both, int One);

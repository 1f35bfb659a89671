namespace Fovea.Models.Detection;

/// <summary>
/// What may differ from the published detectors, so that small pictures and small data are served too. Everything left alone
/// gives torchvision's network.
/// </summary>
public sealed record DetectorOptions
{
    /// <summary>What the published detectors are made with.</summary>
    public static DetectorOptions Published { get; } = new();

    /// <summary>For each level of the pyramid, finest first, the square roots of the anchors' areas in pixels; null for the published ones.</summary>
    public IReadOnlyList<float[]>? AnchorSizes { get; init; }

    /// <summary>Aspect ratios of the anchors, height / width.</summary>
    public IReadOnlyList<float> AspectRatios { get; init; } = [0.5f, 1, 2];

    /// <summary>Scores must be above this to be reported, 0 to 1.</summary>
    public double ScoreThreshold { get; init; } = 0.05;

    /// <summary>IoU above which the lower of two boxes of a class is dropped, 0 to 1.</summary>
    public double NmsThreshold { get; init; } = 0.5;

    /// <summary>Most objects reported for an image; null for the published limit (R-CNN 100, RetinaNet 300).</summary>
    public int? DetectionsPerImage { get; init; }

    /// <summary>Channels of every level of the feature pyramid.</summary>
    public int PyramidChannels { get; init; } = 256;

    /// <summary>Width of the two hidden layers of an R-CNN's box head.</summary>
    public int RepresentationSize { get; init; } = 1024;

    /// <summary>Anchors of an image that an R-CNN's proposal losses are computed on.</summary>
    public int SampledAnchors { get; init; } = 256;

    /// <summary>Regions of an image that an R-CNN's second stage is trained on; most of a training step's time on small pictures.</summary>
    public int SampledRegions { get; init; } = 512;

    /// <summary>
    /// Proposals of an image that an R-CNN keeps, and the most that enter suppression from each level; null for the published
    /// 2000 in training and 1000 afterwards.
    /// </summary>
    public int? Proposals { get; init; }

    /// <summary>How many of the backbone's five stages are trained, counted from the last: 5 all, 3 what fine-tuning from ImageNet or COCO weights uses.</summary>
    public int TrainableStages { get; init; } = 5;

    /// <summary>Whether the backbone's batch norms are constants, as fine-tuning with small batches wants, instead of layers that learn.</summary>
    public bool FrozenNorm { get; init; }

    /// <summary>
    /// Added to the variance in a frozen norm: 1e-5, but 0 for the first COCO weights that torchvision published
    /// (<see cref="PublishedKeys.NeedsZeroEps"/> tells them).
    /// </summary>
    public double FrozenNormEps { get; init; } = 1e-5;
}

using Fovea.Ops;
using Fovea.Torch;

namespace Fovea.Models.Detection;

/// <summary>Numbers of the second stage of an R-CNN; the defaults are torchvision's.</summary>
public sealed record RoiOptions
{
    /// <summary>IoU with a true box from which a proposal is of its class.</summary>
    public double HighIoU { get; init; } = 0.5;

    /// <summary>IoU with every true box below which a proposal is background.</summary>
    public double LowIoU { get; init; } = 0.5;

    /// <summary>Proposals of an image that the loss is computed on.</summary>
    public int SampleSize { get; init; } = 512;

    /// <summary>Largest share of positives among them.</summary>
    public double PositiveShare { get; init; } = 0.25;

    /// <summary>Scores must be above this to be reported.</summary>
    public double ScoreThreshold { get; init; } = 0.05;

    /// <summary>IoU above which the lower of two boxes of a class is dropped.</summary>
    public double NmsThreshold { get; init; } = 0.5;

    /// <summary>Most objects reported for an image.</summary>
    public int DetectionsPerImage { get; init; } = 100;
}

/// <summary>The regions of one image that the second stage is trained on, and what each should be.</summary>
/// <param name="Regions"><c>[R, 4]</c> float32, network pixels.</param>
/// <param name="Labels"><c>[R]</c> int64, 0 for background, else the class + 1.</param>
/// <param name="Matches"><c>[R]</c> int64, the true box of each region; 0 for background.</param>
/// <param name="TrueBoxes"><c>[R, 4]</c>, the true box of each region; anything for background.</param>
public sealed record RegionSample(Tensor Regions, Tensor Labels, Tensor Matches, Tensor TrueBoxes)
{
    /// <summary>The regions that hold an object, <c>[P]</c> int64.</summary>
    internal Tensor Positives() => (Labels > 0).Nonzero().Squeeze(1);
}

/// <summary>
/// The assigner of the second stage: compares the proposals of an image (and its true boxes, which join them) with the true
/// boxes and samples some. Girshick 2015, Fast R-CNN, section 2.3.
/// </summary>
/// <param name="options">Thresholds and counts.</param>
public sealed class RegionSampler(RoiOptions options)
{
    private readonly BoxMatcher matcher = new(options.HighIoU, options.LowIoU, allowLowQuality: false);
    private readonly BalancedSampler sampler = new(options.SampleSize, options.PositiveShare);

    /// <summary>Samples the regions of one image.</summary>
    /// <param name="proposals"><c>[K, 4]</c>.</param>
    /// <param name="target">The true objects; there may be none.</param>
    public RegionSample Sample(Tensor proposals, DetectionTarget target)
    {
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        var regions = Aten.Cat([proposals, target.Boxes]);
        var matches = matcher.Match(target.Boxes, regions);
        var isEmpty = target.Boxes.Shape[0] == 0;
        // Classes from 1, background 0, ignored -1.
        var labels = isEmpty ? matches.ZerosLike()
            : Aten.Where(matches >= 0, target.Labels.IndexSelect(0, matches.ClampMin(0)) + 1, matches + 1);
        var (positive, negative) = sampler.Sample(labels);
        var picked = Aten.Cat([positive, negative]).Sort().Values;
        var found = matches.IndexSelect(0, picked).ClampMin(0);
        var sampled = regions.IndexSelect(0, picked);
        return new RegionSample(
            scope.Keep(sampled), scope.Keep(labels.IndexSelect(0, picked)), scope.Keep(found),
            scope.Keep(isEmpty ? sampled.Clone() : target.Boxes.IndexSelect(0, found)));
    }
}

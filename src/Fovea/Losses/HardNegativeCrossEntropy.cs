using Fovea.Torch;

namespace Fovea.Losses;

/// <summary>
/// Cross entropy with hard negative mining (Shrivastava et al. 2016; 3:1 as SSD has it): every pixel of a foreground class counts, and of
/// the background, class 0, those that the network is most wrong about, a number of times as many.
/// </summary>
public sealed class HardNegativeCrossEntropy : PixelLoss
{
    /// <summary>Background pixels for each foreground pixel, above 0.</summary>
    public double Ratio { get; init; } = 3;

    /// <summary>Background pixels of a batch that count at least, where there are that many: a batch may have no foreground.</summary>
    public int MinimumNegatives { get; init; } = 100;

    private protected override Tensor Compute(Tensor logits, MaskedTargets masked)
    {
        var losses = -masked.Pick(MaskedTargets.Flatten(logits).LogSoftmax(1)) * masked.Weights;
        var isNegative = masked.Is(0);
        var (negatives, valid) = (isNegative.Sum().ToInt64(), masked.Weights.Sum().ToInt64());
        var positives = valid - negatives;
        var kept = Math.Min(negatives, Math.Max((long)(Ratio * positives), MinimumNegatives));
        var sum = (losses * (1 - isNegative)).Sum();
        if (kept > 0)
            sum = sum + (losses * isNegative).Flatten().Topk(kept).Item1.Sum();
        return sum / Math.Max(1, positives + kept);
    }
}

using Fovea.Torch;

namespace Fovea.Losses;

/// <summary>
/// Soft intersection over union (Rahman &amp; Wang 2016): for each class 1 − (Σpg + s)/(Σp + Σg − Σpg + s) over the pixels that
/// count, then the mean over classes. Its logarithm, with a binary cross entropy, is the loss of TernausNet (Iglovikov &amp; Shvets 2018).
/// </summary>
public sealed class Jaccard() : RegionLoss(smooth: 1)
{
    /// <summary>Whether the loss of a class is −log of the fraction instead of 1 less it: without bound, steep where nothing overlaps.</summary>
    public bool IsLogarithmic { get; init; }

    private protected override Tensor Combine(Tensor intersection, Tensor truth, Tensor predicted)
    {
        var union = truth + predicted - intersection;
        // What is the same above and below keeps a class without pixels or probability at 0.
        return Average(
            IsLogarithmic ? (union + (Smooth + Tiny)).Log() - (intersection + (Smooth + Tiny)).Log() : (union - intersection) / (union + Smooth).ClampMin(Tiny), truth);
    }
}

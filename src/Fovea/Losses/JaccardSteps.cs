using Fovea.Torch;

namespace Fovea.Losses;

/// <summary>
/// The Lovász extension of the Jaccard loss (Berman et al. 2018, algorithm 1): errors from the greatest to the smallest, each
/// times what the Jaccard loss grows by when its pixel is mispredicted after those before it.
/// </summary>
internal static class JaccardSteps
{
    /// <summary>The extension at some errors, <c>[N]</c>. Pixels that count for nothing must have an error of 0 and be no foreground.</summary>
    /// <param name="errors"><c>[N, P]</c>; negative ones count as 0.</param>
    /// <param name="foreground">1 for pixels of the class, else 0, <c>[N, P]</c>.</param>
    public static Tensor Extend(Tensor errors, Tensor foreground)
    {
        var (sorted, order) = errors.Sort(stable: true, 1, true);
        // Steps are differences of nearly equal numbers: doubles.
        var truth = foreground.Detach().Gather(1, order).To(Dtype.Float64);
        var total = truth.Sum([1], true);
        var jaccard = 1 - (total - truth.Cumsum(1)) / (total + (1 - truth).Cumsum(1));
        var steps = Aten.Cat([jaccard[.., ..1], jaccard[.., 1..] - jaccard[.., ..^1]], 1);
        return (sorted.Relu() * steps.To(sorted.Dtype)).Sum([1]);
    }
}

using Fovea.Ops.Kernels;
using Fovea.Torch;

namespace Fovea.Ops;

/// <summary>
/// Assigns true boxes to anchors or proposals by IoU: each candidate takes the target it overlaps most, if by enough
/// (Ren et al. 2015, section 3.1.2).
/// </summary>
public sealed class BoxMatcher
{
    /// <summary>The match of a candidate that is background.</summary>
    public const long Background = MatchRule.Below;

    /// <summary>The match of a candidate that is neither background nor matched: it takes no part in training.</summary>
    public const long Ignored = MatchRule.Between;

    private readonly MatchRule rule;

    /// <summary>Creates a matcher.</summary>
    /// <param name="high">IoU from which a candidate matches.</param>
    /// <param name="low">IoU below which it is background; between the two it is ignored.</param>
    /// <param name="allowLowQuality">
    /// Whether the candidates that overlap a target most (all of them, when several tie) match in any case. Each then takes the
    /// target it overlaps most itself, which may be another one.
    /// </param>
    /// <exception cref="ArgumentException">The thresholds are not 0 ≤ low ≤ high ≤ 1.</exception>
    public BoxMatcher(double high, double low, bool allowLowQuality)
    {
        if (!(low >= 0 && low <= high && high <= 1))
            throw new ArgumentException($"found thresholds low {low} and high {high}, expected 0 <= low <= high <= 1", nameof(low));
        rule = new MatchRule(high, low, allowLowQuality);
    }

    /// <summary>The target of every candidate.</summary>
    /// <param name="targets">True boxes [M, 4], <see cref="BoxFormat.Xyxy"/>, of positive size; [0, 4] makes everything background.</param>
    /// <param name="candidates">Anchors or proposals [N, 4].</param>
    /// <returns>[N], Int64: index of a target, <see cref="Background"/> or <see cref="Ignored"/>.</returns>
    /// <exception cref="ArgumentException">A shape does not fit.</exception>
    public Tensor Match(Tensor targets, Tensor candidates)
    {
        BoxOps.CheckBoxes(targets, nameof(targets));
        BoxOps.CheckBoxes(candidates, nameof(candidates));
        BoxOps.CheckSameType(targets, candidates);
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        if (!OpsPath.HasKernel(candidates))
        {
            return scope.Keep(targets.Shape[0] == 0 || candidates.Shape[0] == 0
                ? Aten.Full([candidates.Shape[0]], Background, Dtype.Int64, candidates.Device)
                : Match(BoxOps.Overlap(BoxOverlap.IoU, targets, candidates)));
        }

        var matches = Tensor.Empty([candidates.Shape[0]], Dtype.Int64);
        var (plainTargets, plainCandidates) = (OpsPath.Plain(targets, targets.Dtype), OpsPath.Plain(candidates, targets.Dtype));
        if (targets.Dtype == Dtype.Float64)
            MatchKernel.Run<double>(plainTargets.Memory<double>(), plainCandidates.Memory<double>(), rule, matches.Memory<long>());
        else
            MatchKernel.Run<float>(plainTargets.Memory<float>(), plainCandidates.Memory<float>(), rule, matches.Memory<long>());
        return scope.Keep(matches);
    }

    /// <summary>The target of every candidate, by any measure of how well they fit.</summary>
    /// <param name="quality">[M, N], both at least 1; higher is better.</param>
    /// <returns>[N], Int64: index of a target, <see cref="Background"/> or <see cref="Ignored"/>.</returns>
    /// <exception cref="ArgumentException">The shape does not fit.</exception>
    public Tensor Match(Tensor quality)
    {
        if (quality.Rank != 2 || quality.Count == 0)
            throw new ArgumentException($"found qualities {quality.Shape}, expected [targets, candidates], at least one of each", nameof(quality));
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        var (best, nearest) = quality.Max(0);
        var matches = Aten.Where(best < rule.Low, Background, Aten.Where(best < rule.High, Ignored, nearest));
        if (rule.AllowLowQuality)
            matches = Aten.Where(quality.Eq(quality.Max(1, keepdim: true).Values).Any(0), nearest, matches);
        return scope.Keep(matches);
    }
}

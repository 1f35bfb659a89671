using Fovea.Ops.Kernels;
using Fovea.Torch;

namespace Fovea.Ops;

/// <summary>
/// Greedy non-maximum suppression: from the best score down, a box stays unless its IoU with a box that stayed is above the
/// threshold; equal stays. Boxes of equal score are taken in their order.
/// </summary>
public static class Nms
{
    /// <summary>Suppresses over all boxes.</summary>
    /// <param name="boxes">[N, 4], <see cref="BoxFormat.Xyxy"/>.</param>
    /// <param name="scores">[N].</param>
    /// <param name="threshold">IoU above which the lower box goes, 0 to 1.</param>
    /// <param name="limit">Most boxes to keep: the best of those that stay.</param>
    /// <returns>Indices of the kept boxes, [K], Int64, best first.</returns>
    /// <exception cref="ArgumentException">A shape does not fit or the threshold is outside 0 to 1.</exception>
    public static Tensor Run(Tensor boxes, Tensor scores, double threshold, int limit = int.MaxValue) =>
        Suppress(boxes, scores, null, threshold, limit);

    /// <summary>Suppresses within each class (or level, or image): boxes of different classes never touch each other.</summary>
    /// <param name="boxes">[N, 4], <see cref="BoxFormat.Xyxy"/>.</param>
    /// <param name="scores">[N].</param>
    /// <param name="classes">[N], Int64, any values.</param>
    /// <param name="threshold">IoU above which the lower box goes, 0 to 1.</param>
    /// <param name="limit">Most boxes to keep over all classes: the best of those that stay.</param>
    /// <returns>Indices of the kept boxes, [K], Int64, best first.</returns>
    /// <exception cref="ArgumentException">A shape does not fit or the threshold is outside 0 to 1.</exception>
    public static Tensor RunByClass(Tensor boxes, Tensor scores, Tensor classes, double threshold, int limit = int.MaxValue)
    {
        if (classes.Rank != 1 || classes.Shape[0] != boxes.Shape[0] || classes.Dtype != Dtype.Int64)
            throw new ArgumentException($"found classes of {classes.Dtype} {classes.Shape}, expected Int64 [{boxes.Shape[0]}]", nameof(classes));
        return Suppress(boxes, scores, classes, threshold, limit);
    }

    private static Tensor Suppress(Tensor boxes, Tensor scores, Tensor? classes, double threshold, int limit)
    {
        BoxOps.CheckBoxes(boxes, nameof(boxes));
        if (scores.Rank != 1 || scores.Shape[0] != boxes.Shape[0])
            throw new ArgumentException($"found scores {scores.Shape} for boxes {boxes.Shape}, expected [{boxes.Shape[0]}]", nameof(scores));
        if (!(threshold is >= 0 and <= 1))
            throw new ArgumentException($"found threshold {threshold}, expected 0 to 1", nameof(threshold));
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        var dtype = OpsPath.ComputeType(boxes);
        var (plainBoxes, plainScores) = (OpsPath.Plain(boxes, dtype), OpsPath.Plain(scores, dtype));
        if (!OpsPath.HasKernel(plainBoxes))
            return scope.Keep(ComposedNms.Run(plainBoxes, plainScores, classes, threshold, limit));
        return scope.Keep(dtype == Dtype.Float64
            ? RunKernel<double>(plainBoxes, plainScores, classes?.Contiguous(), threshold, limit)
            : RunKernel<float>(plainBoxes, plainScores, classes?.Contiguous(), threshold, limit));
    }

    private static Tensor RunKernel<T>(Tensor boxes, Tensor scores, Tensor? classes, double threshold, int limit)
        where T : unmanaged, System.Numerics.IBinaryFloatingPointIeee754<T>
    {
        var kept = classes is null
            ? NmsKernel.Run<T>(boxes.Span<T>(), scores.Span<T>(), threshold, limit)
            : NmsKernel.RunByClass<T>(boxes.Span<T>(), scores.Span<T>(), classes.Span<long>(), threshold, limit);
        return Tensor.FromArray(Array.ConvertAll(kept, index => (long)index));
    }
}

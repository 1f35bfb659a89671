using Fovea.Torch;

namespace Fovea.Ops;

/// <summary>
/// 1 minus the overlap of predicted with true boxes (Rezatofighi et al. 2019 for GIoU, Zheng et al. 2020 for DIoU and CIoU): a
/// loss that sees the box as a whole. Composed from tensor operators, so it runs and differentiates on every device.
/// </summary>
public static class OverlapLoss
{
    /// <summary>The loss of each pair of boxes.</summary>
    /// <param name="kind">The measure of overlap.</param>
    /// <param name="predicted">Boxes [N, 4], <see cref="BoxFormat.Xyxy"/>, positive sides.</param>
    /// <param name="target">Boxes [N, 4].</param>
    /// <param name="epsilon">Added to every divisor; keeps the loss finite for boxes without area.</param>
    /// <returns>Losses [N], 0 for equal boxes, up to 2. Sum or average them yourself: an empty [0] sums to 0.</returns>
    /// <exception cref="ArgumentException">The shapes differ or are not [N, 4].</exception>
    public static Tensor Compute(BoxOverlap kind, Tensor predicted, Tensor target, double epsilon = 1e-7)
    {
        BoxOps.CheckBoxes(predicted, nameof(predicted));
        BoxOps.CheckBoxes(target, nameof(target));
        if (predicted.Shape != target.Shape)
            throw new ArgumentException($"found {predicted.Shape} predicted and {target.Shape} true boxes, expected as many", nameof(target));
        using var scope = new TensorScope();
        var (intersection, union) = ComposedOverlap.IntersectionAndUnion(predicted, target);
        var iou = intersection / (union + epsilon);
        if (kind == BoxOverlap.IoU)
            return scope.Keep(1 - iou);
        var hull = ComposedOverlap.Corner(predicted, 1).Maximum(ComposedOverlap.Corner(target, 1))
            - ComposedOverlap.Corner(predicted, 0).Minimum(ComposedOverlap.Corner(target, 0));
        if (kind == BoxOverlap.GIoU)
        {
            var area = hull.Select(-1, 0) * hull.Select(-1, 1);
            return scope.Keep(1 - iou + (area - union) / (area + epsilon));
        }

        var distance = (Centre(predicted) - Centre(target)).Square().Sum([-1]);
        var loss = 1 - iou + distance / (hull.Square().Sum([-1]) + epsilon);
        return scope.Keep(kind == BoxOverlap.DIoU ? loss : loss + ComposedOverlap.AspectPenalty(predicted, target, iou, epsilon));
    }

    private static Tensor Centre(Tensor boxes) => (ComposedOverlap.Corner(boxes, 0) + ComposedOverlap.Corner(boxes, 1)) / 2;
}

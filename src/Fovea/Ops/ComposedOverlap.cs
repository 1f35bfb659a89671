using Fovea.Ops.Kernels;
using Fovea.Torch;

namespace Fovea.Ops;

/// <summary>The IoU family composed from ATen operators: any device, and differentiable.</summary>
internal static class ComposedOverlap
{
    /// <summary>Overlap of boxes [..., 4], broadcast against each other.</summary>
    public static Tensor Score(BoxOverlap kind, Tensor a, Tensor b)
    {
        var (intersection, union) = IntersectionAndUnion(a, b);
        var zero = union.ZerosLike();
        var hasUnion = union > 0;
        // The divisor is made harmless before the division, so that no NaN reaches the gradient.
        var iou = Aten.Where(hasUnion, intersection / Aten.Where(hasUnion, union, union.OnesLike()), zero);
        if (kind == BoxOverlap.IoU)
            return iou;
        var hull = Corner(a, 1).Maximum(Corner(b, 1)) - Corner(a, 0).Minimum(Corner(b, 0));
        if (kind == BoxOverlap.GIoU)
        {
            var area = hull.Select(-1, 0) * hull.Select(-1, 1);
            var hasArea = area > 0;
            return iou - Aten.Where(hasArea, (area - union) / Aten.Where(hasArea, area, area.OnesLike()), zero);
        }

        var distance = (Corner(a, 0) + Corner(a, 1)) / 2 - (Corner(b, 0) + Corner(b, 1)) / 2;
        var diou = iou - distance.Square().Sum([-1]) / (hull.Square().Sum([-1]) + OverlapKernel.Epsilon);
        return kind == BoxOverlap.DIoU ? diou : diou - AspectPenalty(a, b, iou, OverlapKernel.Epsilon);
    }

    /// <summary>Intersection and union of boxes [..., 4], broadcast against each other, square pixels.</summary>
    public static (Tensor Intersection, Tensor Union) IntersectionAndUnion(Tensor a, Tensor b)
    {
        var size = (Corner(a, 1).Minimum(Corner(b, 1)) - Corner(a, 0).Maximum(Corner(b, 0))).ClampMin(0);
        var intersection = size.Select(-1, 0) * size.Select(-1, 1);
        return (intersection, Area(a) + Area(b) - intersection);
    }

    /// <summary>αv of CIoU; no gradient flows through α.</summary>
    public static Tensor AspectPenalty(Tensor a, Tensor b, Tensor iou, double epsilon)
    {
        var v = (Angle(a) - Angle(b)).Square() * (4 / (Math.PI * Math.PI));
        Tensor alpha;
        using (Autograd.NoGrad())
            alpha = v / (1 - iou + v + epsilon);
        return alpha * v;
    }

    /// <summary>The top left (0) or bottom right (1) corners [..., 2].</summary>
    public static Tensor Corner(Tensor boxes, int which) => boxes.Narrow(-1, 2 * which, 2);

    private static Tensor Area(Tensor boxes)
    {
        var size = Corner(boxes, 1) - Corner(boxes, 0);
        return size.Select(-1, 0) * size.Select(-1, 1);
    }

    private static Tensor Angle(Tensor boxes)
    {
        var size = Corner(boxes, 1) - Corner(boxes, 0);
        return size.Select(-1, 0).Atan2(size.Select(-1, 1));
    }
}

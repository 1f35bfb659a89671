using Fovea.Ops.Kernels;
using Fovea.Torch;

namespace Fovea.Ops;

/// <summary>Operators on tensors of boxes [N, 4] in the format <see cref="BoxFormat.Xyxy"/> unless said otherwise, pixels.</summary>
public static class BoxOps
{
    /// <summary>Overlap of each box with each other one. Differentiable, except through the α of <see cref="BoxOverlap.CIoU"/>.</summary>
    /// <param name="kind">The measure.</param>
    /// <param name="a">Boxes [N, 4], right not left of left and bottom not above top.</param>
    /// <param name="b">Boxes [M, 4].</param>
    /// <returns>[N, M]; 0 for two boxes without area.</returns>
    /// <exception cref="ArgumentException">A tensor has another shape, or the types differ.</exception>
    public static Tensor Overlap(BoxOverlap kind, Tensor a, Tensor b)
    {
        CheckBoxes(a, nameof(a));
        CheckBoxes(b, nameof(b));
        CheckSameType(a, b);
        using var scope = new TensorScope();
        if (!OpsPath.HasKernel(a) || OpsPath.IsRecorded(a, b))
            return scope.Keep(ComposedOverlap.Score(kind, a.Unsqueeze(1), b.Unsqueeze(0)));
        var result = Tensor.Empty([a.Shape[0], b.Shape[0]], a.Dtype);
        var (left, right) = (OpsPath.Plain(a, a.Dtype), OpsPath.Plain(b, a.Dtype));
        if (a.Dtype == Dtype.Float64)
            OverlapKernel.Pairwise<double>(kind, left.Memory<double>(), right.Memory<double>(), result.Memory<double>());
        else
            OverlapKernel.Pairwise<float>(kind, left.Memory<float>(), right.Memory<float>(), result.Memory<float>());
        return scope.Keep(result);
    }

    /// <summary>Overlap of box i of one tensor with box i of the other. Differentiable, except through the α of <see cref="BoxOverlap.CIoU"/>.</summary>
    /// <param name="kind">The measure.</param>
    /// <param name="a">Boxes [N, 4].</param>
    /// <param name="b">Boxes [N, 4].</param>
    /// <returns>[N]; 0 for two boxes without area.</returns>
    /// <exception cref="ArgumentException">A tensor has another shape, or the types differ.</exception>
    public static Tensor PairedOverlap(BoxOverlap kind, Tensor a, Tensor b)
    {
        CheckBoxes(a, nameof(a));
        CheckBoxes(b, nameof(b));
        CheckSameType(a, b);
        if (a.Shape != b.Shape)
            throw new ArgumentException($"found boxes {a.Shape} and {b.Shape}, expected as many of one as of the other", nameof(b));
        using var scope = new TensorScope();
        if (!OpsPath.HasKernel(a) || OpsPath.IsRecorded(a, b))
            return scope.Keep(ComposedOverlap.Score(kind, a, b));
        var result = Tensor.Empty([a.Shape[0]], a.Dtype);
        var (left, right) = (OpsPath.Plain(a, a.Dtype), OpsPath.Plain(b, a.Dtype));
        if (a.Dtype == Dtype.Float64)
            OverlapKernel.Elementwise<double>(kind, left.Memory<double>(), right.Memory<double>(), result.Memory<double>());
        else
            OverlapKernel.Elementwise<float>(kind, left.Memory<float>(), right.Memory<float>(), result.Memory<float>());
        return scope.Keep(result);
    }

    /// <summary>Boxes [..., 4] in another format. Differentiable.</summary>
    /// <param name="boxes">Boxes [..., 4].</param>
    /// <param name="from">The format they are in.</param>
    /// <param name="to">The format wanted.</param>
    public static Tensor Convert(Tensor boxes, BoxFormat from, BoxFormat to)
    {
        if (boxes.Rank < 1 || boxes.Shape[-1] != 4)
            throw new ArgumentException($"found boxes of shape {boxes.Shape}, expected [..., 4]", nameof(boxes));
        using var scope = new TensorScope();
        if (from == to)
            return scope.Keep(boxes.Alias());
        var parts = boxes.Unbind(-1);
        var (x, y, z, w) = (parts[0], parts[1], parts[2], parts[3]);
        var corners = from switch
        {
            BoxFormat.Xywh => [x, y, x + z, y + w],
            BoxFormat.Cxcywh => [x - z * 0.5, y - w * 0.5, x + z * 0.5, y + w * 0.5],
            _ => parts,
        };
        return scope.Keep(Aten.Stack(FromCorners(corners, to), -1));
    }

    /// <summary>Areas [N] in square pixels, of boxes [N, 4].</summary>
    public static Tensor Area(Tensor boxes)
    {
        CheckBoxes(boxes, nameof(boxes));
        using var scope = new TensorScope();
        return scope.Keep((boxes[.., 2] - boxes[.., 0]) * (boxes[.., 3] - boxes[.., 1]));
    }

    /// <summary>The part of each box inside the image. Boxes [..., 4]; differentiable.</summary>
    public static Tensor Clip(Tensor boxes, ImageSize size)
    {
        using var scope = new TensorScope();
        var limits = Tensor.FromArray([(float)size.Width, size.Height, size.Width, size.Height]).To(boxes.Device, boxes.Dtype);
        return scope.Keep(boxes.ClampMin(0).Clamp(null, limits));
    }

    /// <summary>Which boxes [N, 4] have both sides of at least <paramref name="smallest"/> pixels: indices [K], Int64, ascending.</summary>
    public static Tensor NotSmallerThan(Tensor boxes, double smallest)
    {
        CheckBoxes(boxes, nameof(boxes));
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        var mask = (boxes[.., 2] - boxes[.., 0] >= smallest) & (boxes[.., 3] - boxes[.., 1] >= smallest);
        return scope.Keep(mask.Nonzero().Squeeze(1));
    }

    internal static void CheckBoxes(Tensor boxes, string name)
    {
        if (boxes.Rank != 2 || boxes.Shape[1] != 4 || !boxes.Dtype.IsFloatingPoint())
            throw new ArgumentException($"found boxes of {boxes.Dtype} {boxes.Shape}, expected floating-point [N, 4]", name);
    }

    internal static void CheckSameType(Tensor a, Tensor b)
    {
        if (a.Dtype != b.Dtype || a.Device != b.Device)
            throw new ArgumentException($"found boxes of {a.Dtype} on {a.Device} and of {b.Dtype} on {b.Device}, expected one type and device", nameof(b));
    }

    private static IReadOnlyList<Tensor> FromCorners(IReadOnlyList<Tensor> corners, BoxFormat to)
    {
        var (x1, y1, x2, y2) = (corners[0], corners[1], corners[2], corners[3]);
        return to switch
        {
            BoxFormat.Xywh => [x1, y1, x2 - x1, y2 - y1],
            BoxFormat.Cxcywh => [(x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1],
            _ => corners,
        };
    }
}

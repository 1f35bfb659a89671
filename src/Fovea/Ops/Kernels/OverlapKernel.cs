using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Fovea.Ops.Kernels;

/// <summary>The IoU family on rows (x1, y1, x2, y2): every pair of two lists, or pair by pair.</summary>
internal static class OverlapKernel
{
    /// <summary>Keeps the distance and aspect terms finite; the value of the published implementations.</summary>
    public const double Epsilon = 1e-7;

    /// <summary>The overlap of each of N boxes with each of M.</summary>
    /// <param name="kind">The measure.</param>
    /// <param name="a">N boxes.</param>
    /// <param name="b">M boxes.</param>
    /// <param name="result">N x M values, row-major.</param>
    public static void Pairwise<T>(BoxOverlap kind, ReadOnlyMemory<T> a, ReadOnlyMemory<T> b, Memory<T> result)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        using var columns = BoxColumns<T>.Of(b);
        var angles = kind == BoxOverlap.CIoU ? Angles(columns) : columns.Area;
        Cores.For(a.Length / 4, Math.Max(1, 8192 / Math.Max(1, columns.Count)), (from, to) =>
        {
            for (var i = from; i < to; i++)
                Row(kind, a.Span.Slice(4 * i, 4), columns, angles, result.Span.Slice(i * columns.Count, columns.Count));
        });
    }

    /// <summary>The overlap of box i of one list with box i of the other.</summary>
    /// <param name="kind">The measure.</param>
    /// <param name="a">N boxes.</param>
    /// <param name="b">N boxes.</param>
    /// <param name="result">N values.</param>
    public static void Elementwise<T>(BoxOverlap kind, ReadOnlyMemory<T> a, ReadOnlyMemory<T> b, Memory<T> result)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        using var left = BoxColumns<T>.Of(a);
        using var right = BoxColumns<T>.Of(b);
        var leftAngles = kind == BoxOverlap.CIoU ? Angles(left) : left.Area;
        var rightAngles = kind == BoxOverlap.CIoU ? Angles(right) : right.Area;
        Cores.For(left.Padded / Vector512<T>.Count, 512, (from, to) =>
        {
            for (var i = from * Vector512<T>.Count; i < to * Vector512<T>.Count; i += Vector512<T>.Count)
                Lanes.StoreWithin(Score(kind, new BoxLanes<T>(left, leftAngles, i), new BoxLanes<T>(right, rightAngles, i)), result.Span, i);
        });
    }

    private static void Row<T>(BoxOverlap kind, ReadOnlySpan<T> box, BoxColumns<T> columns, T[] angles, Span<T> result)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var one = new BoxLanes<T>(box);
        for (var j = 0; j < columns.Padded; j += Vector512<T>.Count)
            Lanes.StoreWithin(Score(kind, one, new BoxLanes<T>(columns, angles, j)), result, j);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<T> Score<T>(BoxOverlap kind, in BoxLanes<T> a, in BoxLanes<T> b)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var zero = Vector512<T>.Zero;
        var width = Vector512.MaxNative(Vector512.MinNative(a.X2, b.X2) - Vector512.MaxNative(a.X1, b.X1), zero);
        var height = Vector512.MaxNative(Vector512.MinNative(a.Y2, b.Y2) - Vector512.MaxNative(a.Y1, b.Y1), zero);
        var intersection = width * height;
        var union = a.Area + b.Area - intersection;
        var iou = Vector512.ConditionalSelect(Vector512.GreaterThan(union, zero), intersection / union, zero);
        if (kind == BoxOverlap.IoU)
            return iou;

        var hullWidth = Vector512.MaxNative(a.X2, b.X2) - Vector512.MinNative(a.X1, b.X1);
        var hullHeight = Vector512.MaxNative(a.Y2, b.Y2) - Vector512.MinNative(a.Y1, b.Y1);
        if (kind == BoxOverlap.GIoU)
        {
            var hull = hullWidth * hullHeight;
            return iou - Vector512.ConditionalSelect(Vector512.GreaterThan(hull, zero), (hull - union) / hull, zero);
        }

        var half = Vector512.Create(T.CreateChecked(0.5));
        var epsilon = Vector512.Create(T.CreateChecked(Epsilon));
        var dx = (a.X1 + a.X2) * half - (b.X1 + b.X2) * half;
        var dy = (a.Y1 + a.Y2) * half - (b.Y1 + b.Y2) * half;
        var diou = iou - (dx * dx + dy * dy) / (hullWidth * hullWidth + hullHeight * hullHeight + epsilon);
        if (kind == BoxOverlap.DIoU)
            return diou;

        var angle = a.Angle - b.Angle;
        var v = Vector512.Create(T.CreateChecked(4 / (Math.PI * Math.PI))) * (angle * angle);
        return diou - v / (Vector512<T>.One - iou + v + epsilon) * v;
    }

    private static T[] Angles<T>(BoxColumns<T> boxes) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var angles = new T[boxes.Padded];
        for (var i = 0; i < boxes.Count; i++)
            angles[i] = T.Atan2(boxes.X2[i] - boxes.X1[i], boxes.Y2[i] - boxes.Y1[i]);
        return angles;
    }

    private readonly struct BoxLanes<T> where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        public readonly Vector512<T> X1, Y1, X2, Y2, Area, Angle;

        public BoxLanes(ReadOnlySpan<T> box)
        {
            X1 = Vector512.Create(box[0]);
            Y1 = Vector512.Create(box[1]);
            X2 = Vector512.Create(box[2]);
            Y2 = Vector512.Create(box[3]);
            Area = Vector512.Create((box[2] - box[0]) * (box[3] - box[1]));
            Angle = Vector512.Create(T.Atan2(box[2] - box[0], box[3] - box[1]));
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public BoxLanes(BoxColumns<T> boxes, T[] angles, int offset)
        {
            X1 = Vector512.Create(boxes.X1, offset);
            Y1 = Vector512.Create(boxes.Y1, offset);
            X2 = Vector512.Create(boxes.X2, offset);
            Y2 = Vector512.Create(boxes.Y2, offset);
            Area = Vector512.Create(boxes.Area, offset);
            Angle = Vector512.Create(angles, offset);
        }
    }
}

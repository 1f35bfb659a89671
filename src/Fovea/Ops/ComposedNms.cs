using Fovea.Ops.Kernels;
using Fovea.Torch;

namespace Fovea.Ops;

/// <summary>Non-maximum suppression composed from ATen operators, for tensors on a GPU.</summary>
internal static class ComposedNms
{
    // Bounds the matrix of overlaps, whatever the number of boxes.
    private const int Block = 2048;

    public static Tensor Run(Tensor boxes, Tensor scores, Tensor? classes, double threshold, int limit)
    {
        threshold = boxes.Dtype == Dtype.Float64 ? threshold : NmsKernel.NotAbove<float>(threshold);
        var order = scores.Sort(stable: true, dim: 0, descending: true).Indices;
        var sorted = boxes.IndexSelect(0, order);
        var sortedClasses = classes?.IndexSelect(0, order);
        var kept = Aten.Zeros([0], Dtype.Int64, boxes.Device);
        for (long start = 0; start < boxes.Shape[0] && kept.Shape[0] < limit; start += Block)
        {
            var positions = Aten.Arange(start, Math.Min(start + Block, boxes.Shape[0]), Dtype.Int64, boxes.Device);
            var alive = Suppressing(sorted, sortedClasses, kept, positions, threshold).Any(0).LogicalNot();
            var among = Suppressing(sorted, sortedClasses, positions, positions, threshold) & (positions.Unsqueeze(1) < positions.Unsqueeze(0));
            kept = Aten.Cat([kept, positions[Settle(alive, among)]]);
        }

        return order.IndexSelect(0, kept.Narrow(0, 0, Math.Min(kept.Shape[0], limit)));
    }

    // Box j stays if no box that stays suppresses it. Applied to all boxes at once and again, this settles after as many rounds
    // as the longest chain of suppressions, at the answer of the greedy loop: after round k the first k of a chain are right.
    private static Tensor Settle(Tensor alive, Tensor among)
    {
        var suppressors = among.T().To(Dtype.Float32);
        var keep = alive;
        while (true)
        {
            var next = alive & suppressors.Matmul(keep.To(Dtype.Float32)).Eq(0);
            if (next.Equal(keep))
                return keep;
            keep = next;
        }
    }

    private static Tensor Suppressing(Tensor boxes, Tensor? classes, Tensor upper, Tensor lower, double threshold)
    {
        var overlap = ComposedOverlap.Score(BoxOverlap.IoU, boxes.IndexSelect(0, upper).Unsqueeze(1), boxes.IndexSelect(0, lower).Unsqueeze(0)) > threshold;
        return classes is null ? overlap : overlap & classes.IndexSelect(0, upper).Unsqueeze(1).Eq(classes.IndexSelect(0, lower).Unsqueeze(0));
    }
}

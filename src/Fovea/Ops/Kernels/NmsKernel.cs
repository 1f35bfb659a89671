using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Fovea.Ops.Kernels;

/// <summary>
/// Greedy non-maximum suppression: from the best score down, a box stays unless its IoU with a box that stayed is above
/// the threshold (equal stays).
/// </summary>
internal static class NmsKernel
{
    // Candidates are tested against all boxes kept so far in parallel, a block at a time, then among themselves in order.
    private const int Block = 512;

    /// <summary>Suppresses over all boxes.</summary>
    /// <param name="boxes">N boxes (x1, y1, x2, y2).</param>
    /// <param name="scores">N scores.</param>
    /// <param name="threshold">IoU above which the lower box goes.</param>
    /// <param name="limit">Most boxes to keep; the best ones.</param>
    /// <returns>Indices of the kept boxes, best first.</returns>
    public static int[] Run<T>(ReadOnlySpan<T> boxes, ReadOnlySpan<T> scores, double threshold, int limit = int.MaxValue)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var order = ScoreOrder.Descending(scores);
        using var candidates = BoxColumns<T>.Of(boxes, order);
        var kept = Greedy(candidates, threshold, limit);
        return Array.ConvertAll(kept, position => order[position]);
    }

    /// <summary>Suppresses within each class, all classes at once.</summary>
    /// <param name="boxes">N boxes (x1, y1, x2, y2).</param>
    /// <param name="scores">N scores.</param>
    /// <param name="classes">N class numbers, any values.</param>
    /// <param name="threshold">IoU above which the lower box goes.</param>
    /// <param name="limit">Most boxes to keep over all classes; the best ones.</param>
    /// <returns>Indices of the kept boxes, best first.</returns>
    public static int[] RunByClass<T>(
        ReadOnlySpan<T> boxes, ReadOnlySpan<T> scores, ReadOnlySpan<long> classes, double threshold, int limit = int.MaxValue)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var order = ScoreOrder.Descending(scores);
        var members = new Dictionary<long, List<int>>();
        for (var position = 0; position < order.Length; position++)
        {
            ref var list = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(members, classes[order[position]], out _);
            (list ??= []).Add(position);
        }

        if (members.Count == 1)
            return Run(boxes, scores, threshold, limit);

        var groups = members.Values.OrderByDescending(list => list.Count).ToArray();
        var columns = new BoxColumns<T>[groups.Length];
        for (var group = 0; group < groups.Length; group++)
            columns[group] = BoxColumns<T>.Of(boxes, groups[group].ConvertAll(position => order[position]).ToArray());

        var stays = new bool[order.Length];
        void Suppress(int group)
        {
            using var candidates = columns[group];
            foreach (var member in Greedy(candidates, threshold, limit))
                stays[groups[group][member]] = true;
        }

        if (order.Length < 512)
        {
            for (var group = 0; group < groups.Length; group++)
                Suppress(group);
        }
        else
        {
            Parallel.For(0, groups.Length, new ParallelOptions { MaxDegreeOfParallelism = Cores.Count }, Suppress);
        }

        var kept = new List<int>();
        for (var position = 0; position < order.Length && kept.Count < limit; position++)
        {
            if (stays[position])
                kept.Add(order[position]);
        }

        return [.. kept];
    }

    /// <summary>The largest T that is not above the threshold: a T is above the one exactly when it is above the other.</summary>
    public static double NotAbove<T>(double threshold) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var rounded = T.CreateChecked(threshold);
        return double.CreateChecked(double.CreateChecked(rounded) > threshold ? T.BitDecrement(rounded) : rounded);
    }

    /// <summary>The positions that stay of candidates sorted best first.</summary>
    private static int[] Greedy<T>(BoxColumns<T> candidates, double threshold, int limit) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var test = new Threshold<T>(threshold);
        var kept = new List<int>();
        using var keptBoxes = BoxColumns<T>.Empty(candidates.Count);
        var gone = new bool[Block];
        for (var start = 0; start < candidates.Count && kept.Count < limit; start += Block)
        {
            var end = Math.Min(start + Block, candidates.Count);
            var before = keptBoxes.Count / Vector512<T>.Count * Vector512<T>.Count;
            if (before > 0)
            {
                var blockStart = start;
                Cores.For(end - start, Math.Max(32, 200_000 / before), (from, to) =>
                {
                    for (var i = from; i < to; i++)
                        gone[i] = test.Any(keptBoxes, 0, before, candidates, blockStart + i);
                });
            }

            for (var i = start; i < end && kept.Count < limit; i++)
            {
                if ((before > 0 && gone[i - start]) || test.Any(keptBoxes, before, keptBoxes.Count, candidates, i))
                    continue;
                kept.Add(i);
                keptBoxes.Append(candidates, i);
            }
        }

        return [.. kept];
    }

    /// <summary>The comparison "IoU above the threshold", decided exactly but dividing only where it is close or true.</summary>
    private readonly struct Threshold<T> where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        private readonly T exact;
        private readonly T cautious;

        public Threshold(double threshold)
        {
            exact = T.CreateChecked(NotAbove<T>(threshold));
            cautious = exact * T.CreateChecked(1 - 4e-6);
        }

        /// <summary>Whether any of the kept boxes [from, to) overlaps the candidate too much; from is a whole number of vectors.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public bool Any(BoxColumns<T> kept, int from, int to, BoxColumns<T> candidates, int index)
        {
            var x1 = Vector512.Create(candidates.X1[index]);
            var y1 = Vector512.Create(candidates.Y1[index]);
            var x2 = Vector512.Create(candidates.X2[index]);
            var y2 = Vector512.Create(candidates.Y2[index]);
            var area = Vector512.Create(candidates.Area[index]);
            var limit = Vector512.Create(exact);
            var nearly = Vector512.Create(cautious);
            for (var k = from; k < to; k += Vector512<T>.Count)
            {
                var width = Vector512.MinNative(Vector512.Create(kept.X2, k), x2) - Vector512.MaxNative(Vector512.Create(kept.X1, k), x1);
                var height = Vector512.MinNative(Vector512.Create(kept.Y2, k), y2) - Vector512.MaxNative(Vector512.Create(kept.Y1, k), y1);
                var intersection = Vector512.MaxNative(width, Vector512<T>.Zero) * Vector512.MaxNative(height, Vector512<T>.Zero);
                var union = Vector512.Create(kept.Area, k) + area - intersection;
                if (Vector512.GreaterThanAny(intersection, nearly * union) && Vector512.GreaterThanAny(intersection / union, limit))
                    return true;
            }

            return false;
        }
    }
}

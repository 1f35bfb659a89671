using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Fovea.Ops.Kernels;

/// <summary>
/// Assigns to every candidate box the target box it overlaps most, without ever holding the matrix of all overlaps (a picture
/// has some 270,000 anchors).
/// </summary>
internal static class MatchKernel
{
    /// <summary>Matches candidates to targets.</summary>
    /// <param name="targets">M boxes (x1, y1, x2, y2).</param>
    /// <param name="candidates">N boxes (x1, y1, x2, y2).</param>
    /// <param name="rule">Thresholds, and whether every target gets its best candidates.</param>
    /// <param name="matches">N target indices, or a negative value of <see cref="MatchRule"/>.</param>
    public static void Run<T>(ReadOnlyMemory<T> targets, ReadOnlyMemory<T> candidates, MatchRule rule, Memory<long> matches)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (targets.Length == 0)
        {
            matches.Span.Fill(MatchRule.Below);
            return;
        }

        using var boxes = BoxColumns<T>.Of(candidates);
        var nearest = ArrayPool<T>.Shared.Rent(boxes.Padded);
        var highest = new T[targets.Length / 4];
        Array.Fill(highest, T.NegativeInfinity);
        Cores.For(boxes.Padded / Vector512<T>.Count, 256, (from, to) =>
        {
            var local = new Vector512<T>[highest.Length];
            Array.Fill(local, Vector512.Create(T.NegativeInfinity));
            FindNearest(targets.Span, boxes, from * Vector512<T>.Count, to * Vector512<T>.Count, rule, nearest, local, matches.Span);
            lock (highest)
            {
                for (var target = 0; target < local.Length; target++)
                {
                    for (var lane = 0; lane < Vector512<T>.Count; lane++)
                        highest[target] = T.Max(highest[target], local[target][lane]);
                }
            }
        });
        if (rule.AllowLowQuality)
        {
            Cores.For(boxes.Padded / Vector512<T>.Count, 256, (from, to) =>
                Restore(targets.Span, boxes, from * Vector512<T>.Count, to * Vector512<T>.Count, nearest, highest, matches.Span));
        }

        ArrayPool<T>.Shared.Return(nearest);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FindNearest<T>(
        ReadOnlySpan<T> targets, BoxColumns<T> boxes, int from, int to, MatchRule rule, T[] nearest, Vector512<T>[] highest, Span<long> matches)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var (high, low) = (T.CreateChecked(rule.High), T.CreateChecked(rule.Low));
        var padding = Vector512.CreateSequence(T.Zero, T.One);
        for (var i = from; i < to; i += Vector512<T>.Count)
        {
            var (best, index) = (Vector512.Create(T.NegativeInfinity), Vector512<T>.Zero);
            var real = Vector512.LessThan(padding, Vector512.Create(T.CreateTruncating(boxes.Count - i)));
            for (var target = 0; target < highest.Length; target++)
            {
                var iou = Overlap(targets.Slice(4 * target, 4), boxes, i);
                var above = Vector512.GreaterThan(iou, best);
                best = Vector512.ConditionalSelect(above, iou, best);
                index = Vector512.ConditionalSelect(above, Vector512.Create(T.CreateTruncating(target)), index);
                highest[target] = Vector512.MaxNative(highest[target], Vector512.ConditionalSelect(real, iou, Vector512.Create(T.NegativeInfinity)));
            }

            index.StoreUnsafe(ref nearest[0], (nuint)i);
            for (var lane = 0; lane < Vector512<T>.Count && i + lane < boxes.Count; lane++)
            {
                matches[i + lane] = best[lane] >= high ? long.CreateTruncating(index[lane])
                    : best[lane] >= low ? MatchRule.Between : MatchRule.Below;
            }
        }
    }

    // The overlaps are computed again exactly as before, so equality finds the candidates that reached a target's highest one.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Restore<T>(
        ReadOnlySpan<T> targets, BoxColumns<T> boxes, int from, int to, T[] nearest, T[] highest, Span<long> matches)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        for (var i = from; i < to; i += Vector512<T>.Count)
        {
            var restored = Vector512<T>.Zero;
            for (var target = 0; target < highest.Length; target++)
                restored |= Vector512.Equals(Overlap(targets.Slice(4 * target, 4), boxes, i), Vector512.Create(highest[target]));
            for (var bits = restored.ExtractMostSignificantBits(); bits != 0; bits &= bits - 1)
            {
                var candidate = i + BitOperations.TrailingZeroCount(bits);
                if (candidate < boxes.Count)
                    matches[candidate] = long.CreateTruncating(nearest[candidate]);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<T> Overlap<T>(ReadOnlySpan<T> target, BoxColumns<T> boxes, int i) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var width = Vector512.MinNative(Vector512.Create(boxes.X2, i), Vector512.Create(target[2]))
            - Vector512.MaxNative(Vector512.Create(boxes.X1, i), Vector512.Create(target[0]));
        var height = Vector512.MinNative(Vector512.Create(boxes.Y2, i), Vector512.Create(target[3]))
            - Vector512.MaxNative(Vector512.Create(boxes.Y1, i), Vector512.Create(target[1]));
        var intersection = Vector512.MaxNative(width, Vector512<T>.Zero) * Vector512.MaxNative(height, Vector512<T>.Zero);
        var area = Vector512.Create((target[2] - target[0]) * (target[3] - target[1]));
        var union = area + Vector512.Create(boxes.Area, i) - intersection;
        return Vector512.ConditionalSelect(Vector512.GreaterThan(union, Vector512<T>.Zero), intersection / union, Vector512<T>.Zero);
    }
}

/// <summary>When a candidate matches the target it overlaps most.</summary>
/// <param name="High">From this overlap on it matches.</param>
/// <param name="Low">Below this overlap it is background; between the two it counts as neither.</param>
/// <param name="AllowLowQuality">Whether every target also matches the candidates that overlap it most, however little.</param>
internal readonly record struct MatchRule(double High, double Low, bool AllowLowQuality)
{
    /// <summary>A candidate that is background.</summary>
    public const long Below = -1;

    /// <summary>A candidate that is neither background nor matched.</summary>
    public const long Between = -2;
}

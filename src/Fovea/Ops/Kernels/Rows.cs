using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Fovea.Ops.Kernels;

/// <summary>Arithmetic on rows whose length is a multiple of what a vector holds.</summary>
internal static class Rows
{
    /// <summary>The smallest length of a row that holds so many values.</summary>
    public static int Length(int values) => values.RoundUp(Vector<float>.Count);

    /// <summary>target += source.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add(Span<float> target, ReadOnlySpan<float> source)
    {
        for (var i = 0; i < target.Length; i += Vector<float>.Count)
            (new Vector<float>(target[i..]) + new Vector<float>(source[i..])).CopyTo(target[i..]);
    }

    /// <summary>Each value becomes its share e^value / Σ e^value; −∞ becomes 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Softmax(Span<float> row)
    {
        var highest = float.NegativeInfinity;
        foreach (var value in row)
            highest = Math.Max(highest, value);
        var (top, sum) = (new Vector<float>(highest), Vector<float>.Zero);
        for (var i = 0; i < row.Length; i += Vector<float>.Count)
        {
            var shares = Vector.Exp(new Vector<float>(row[i..]) - top);
            sum += shares;
            shares.CopyTo(row[i..]);
        }

        var scale = new Vector<float>(1 / Vector.Sum(sum));
        for (var i = 0; i < row.Length; i += Vector<float>.Count)
            (new Vector<float>(row[i..]) * scale).CopyTo(row[i..]);
    }

    /// <summary>target = Σ weight · row, or target += that.</summary>
    /// <param name="target">A row.</param>
    /// <param name="source">Rows of the same length, one after the other.</param>
    /// <param name="rows">Which of them.</param>
    /// <param name="weights">Their weights.</param>
    /// <param name="adds">Whether what is in the target stays.</param>
    public static void Sum(Span<float> target, float[] source, ReadOnlySpan<int> rows, ReadOnlySpan<float> weights, bool adds = false)
    {
        var at = 0;
        for (; at + 3 * Vector<float>.Count <= target.Length; at += 3 * Vector<float>.Count)
            SumThree(target, at, source, rows, weights, adds);
        for (; at < target.Length; at += Vector<float>.Count)
            SumOne(target, at, source, rows, weights, adds);
    }

    /// <summary>Blurs rows that lie in a line: each becomes itself + (the one before + the one after) / 2, beyond the ends 0.</summary>
    /// <param name="values">All rows.</param>
    /// <param name="line">The rows of the line in order.</param>
    /// <param name="stride">Length of a row.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Blur(float[] values, ReadOnlySpan<int> line, int stride)
    {
        ref var start = ref MemoryMarshal.GetArrayDataReference(values);
        var half = new Vector<float>(0.5f);
        for (var lane = 0; lane < stride; lane += Vector<float>.Count)
        {
            var before = Vector<float>.Zero;
            var middle = Vector.LoadUnsafe(ref start, Offset(line[0], stride, lane));
            for (var i = 0; i < line.Length; i++)
            {
                var after = i + 1 < line.Length ? Vector.LoadUnsafe(ref start, Offset(line[i + 1], stride, lane)) : Vector<float>.Zero;
                Vector.FusedMultiplyAdd(before + after, half, middle).StoreUnsafe(ref start, Offset(line[i], stride, lane));
                (before, middle) = (middle, after);
            }
        }
    }

    // As many sums as the registers of a core hold, so that nothing is written until all is added.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void SumThree(Span<float> target, int at, float[] source, ReadOnlySpan<int> rows, ReadOnlySpan<float> weights, bool adds)
    {
        var (stride, step) = (target.Length, (nuint)Vector<float>.Count);
        ref var from = ref MemoryMarshal.GetArrayDataReference(source);
        ref var to = ref Unsafe.Add(ref MemoryMarshal.GetReference(target), at);
        var (a, b, c) = adds ? (Vector.LoadUnsafe(ref to), Vector.LoadUnsafe(ref to, step), Vector.LoadUnsafe(ref to, 2 * step)) : default;
        for (var i = 0; i < rows.Length; i++)
        {
            var (weight, offset) = (new Vector<float>(weights[i]), Offset(rows[i], stride, at));
            a = Vector.FusedMultiplyAdd(Vector.LoadUnsafe(ref from, offset), weight, a);
            b = Vector.FusedMultiplyAdd(Vector.LoadUnsafe(ref from, offset + step), weight, b);
            c = Vector.FusedMultiplyAdd(Vector.LoadUnsafe(ref from, offset + 2 * step), weight, c);
        }

        a.StoreUnsafe(ref to);
        b.StoreUnsafe(ref to, step);
        c.StoreUnsafe(ref to, 2 * step);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void SumOne(Span<float> target, int at, float[] source, ReadOnlySpan<int> rows, ReadOnlySpan<float> weights, bool adds)
    {
        ref var from = ref MemoryMarshal.GetArrayDataReference(source);
        ref var to = ref Unsafe.Add(ref MemoryMarshal.GetReference(target), at);
        var sum = adds ? Vector.LoadUnsafe(ref to) : default;
        for (var i = 0; i < rows.Length; i++)
            sum = Vector.FusedMultiplyAdd(Vector.LoadUnsafe(ref from, Offset(rows[i], target.Length, at)), new Vector<float>(weights[i]), sum);
        sum.StoreUnsafe(ref to);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static nuint Offset(int row, int stride, int lane) => (nuint)(uint)row * (nuint)(uint)stride + (nuint)(uint)lane;
}

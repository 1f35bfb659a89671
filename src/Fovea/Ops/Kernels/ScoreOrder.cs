using System.Numerics;

namespace Fovea.Ops.Kernels;

/// <summary>Sorts scores from best to worst; equal scores keep their order.</summary>
internal static class ScoreOrder
{
    private const int DigitBits = 11;
    private const int Buckets = 1 << DigitBits;

    /// <summary>The indices of the scores in descending order, stable; NaN comes last.</summary>
    public static int[] Descending<T>(ReadOnlySpan<T> scores) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var keys = new ulong[scores.Length];
        var order = new int[scores.Length];
        for (var i = 0; i < scores.Length; i++)
        {
            keys[i] = DescendingKey(scores[i]);
            order[i] = i;
        }

        return Sort(keys, order, typeof(T) == typeof(float) ? 32 : 64);
    }

    // A radix sort is stable and, for thousands of scores, several times faster than a comparison sort.
    private static int[] Sort(ulong[] keys, int[] order, int bits)
    {
        if (order.Length < 64)
        {
            InsertionSort(keys, order);
            return order;
        }

        var otherKeys = new ulong[keys.Length];
        var otherOrder = new int[order.Length];
        var counts = new int[Buckets];
        for (var shift = 0; shift < bits; shift += DigitBits)
        {
            Array.Clear(counts);
            foreach (var key in keys)
                counts[(int)(key >> shift) & (Buckets - 1)]++;
            var position = 0;
            for (var bucket = 0; bucket < Buckets; bucket++)
                (counts[bucket], position) = (position, position + counts[bucket]);
            for (var i = 0; i < keys.Length; i++)
            {
                var target = counts[(int)(keys[i] >> shift) & (Buckets - 1)]++;
                otherKeys[target] = keys[i];
                otherOrder[target] = order[i];
            }

            (keys, otherKeys, order, otherOrder) = (otherKeys, keys, otherOrder, order);
        }

        return order;
    }

    private static void InsertionSort(ulong[] keys, int[] order)
    {
        for (var i = 1; i < keys.Length; i++)
        {
            var (key, index) = (keys[i], order[i]);
            var j = i - 1;
            for (; j >= 0 && keys[j] > key; j--)
                (keys[j + 1], order[j + 1]) = (keys[j], order[j]);
            (keys[j + 1], order[j + 1]) = (key, index);
        }
    }

    // Bit patterns of floating-point numbers ascend with their value once the negative ones are flipped; adding zero
    // makes -0 and +0 one key.
    private static ulong DescendingKey<T>(T score) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (T.IsNaN(score))
            return typeof(T) == typeof(float) ? uint.MaxValue : ulong.MaxValue;
        if (typeof(T) == typeof(float))
        {
            var bits = BitConverter.SingleToInt32Bits(float.CreateTruncating(score) + 0f);
            return (uint)~(bits ^ ((bits >> 31) | int.MinValue));
        }

        var wide = BitConverter.DoubleToInt64Bits(double.CreateTruncating(score) + 0d);
        return (ulong)~(wide ^ ((wide >> 63) | long.MinValue));
    }
}

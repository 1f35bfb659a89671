using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Fovea.Metrics;

/// <summary>
/// Counts how often each pair of values stands at the same place of two maps, on all cores. Maps of classes are mostly stretches
/// of one pair, so whole vectors of it are counted at once.
/// </summary>
internal sealed class PairCounts
{
    private const int Pairs = 256 * 256;
    private const int Stretch = 1 << 18;

    private readonly int[][] counts = [.. Enumerable.Range(0, Environment.ProcessorCount).Select(static _ => new int[Pairs])];

    /// <summary>Counts two maps, in place of what was counted before.</summary>
    /// <param name="first">Values.</param>
    /// <param name="second">Values at the same places.</param>
    public void Count(byte[] first, byte[] second)
    {
        var parts = Math.Clamp(first.Length / Stretch, 1, counts.Length);
        foreach (var part in counts)
            Array.Clear(part);
        if (parts == 1)
        {
            Count(first, second, counts[0]);
            return;
        }

        Parallel.For(0, parts, part =>
        {
            var (start, end) = ((int)((long)first.Length * part / parts), (int)((long)first.Length * (part + 1) / parts));
            Count(first.AsSpan(start..end), second.AsSpan(start..end), counts[part]);
        });
        foreach (var part in counts[1..parts])
            Add(part, counts[0]);
    }

    /// <summary>The pairs that occur, in order.</summary>
    public IEnumerable<(byte First, byte Second, int Count)> Found()
    {
        for (var pair = Next(0); pair < Pairs; pair = Next(pair + 1))
            yield return ((byte)(pair >> 8), (byte)pair, counts[0][pair]);
    }

    private static void Add(int[] part, int[] sums)
    {
        var to = MemoryMarshal.Cast<int, Vector<int>>(sums.AsSpan());
        var from = MemoryMarshal.Cast<int, Vector<int>>(part.AsSpan());
        for (var i = 0; i < to.Length; i++)
            to[i] += from[i];
    }

    private int Next(int from)
    {
        var steps = counts[0].AsSpan(from).IndexOfAnyExcept(0);
        return steps < 0 ? Pairs : from + steps;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Count(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, int[] counts)
    {
        var a = MemoryMarshal.Cast<byte, Vector<byte>>(first);
        var b = MemoryMarshal.Cast<byte, Vector<byte>>(second);
        var width = Vector<byte>.Count;
        for (var i = 0; i < a.Length; i++)
        {
            var (x, y) = (first[i * width], second[i * width]);
            if (a[i] == new Vector<byte>(x) && b[i] == new Vector<byte>(y))
                counts[x << 8 | y] += width;
            else
                CountWords(first.Slice(i * width, width), second.Slice(i * width, width), counts);
        }

        CountSingly(first[(a.Length * width)..], second[(a.Length * width)..], counts);
    }

    // Where a vector holds an edge, most of its words do not.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void CountWords(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, int[] counts)
    {
        const ulong Each = 0x0101010101010101;
        for (var i = 0; i < first.Length; i += sizeof(ulong))
        {
            var (a, b) = (MemoryMarshal.Read<ulong>(first[i..]), MemoryMarshal.Read<ulong>(second[i..]));
            if (a == (byte)a * Each && b == (byte)b * Each)
                counts[(int)(a & 255) << 8 | (int)(b & 255)] += sizeof(ulong);
            else
                CountSingly(first.Slice(i, sizeof(ulong)), second.Slice(i, sizeof(ulong)), counts);
        }
    }

    // Neighbours are mostly equal, and adding to one place again and again waits for memory: stretches are added up first.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void CountSingly(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, int[] counts)
    {
        var (last, run) = (0, 0);
        for (var i = 0; i < first.Length; i++)
        {
            var pair = first[i] << 8 | second[i];
            if (pair != last)
            {
                counts[last] += run;
                (last, run) = (pair, 0);
            }

            run++;
        }

        counts[last] += run;
    }
}

using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Fovea.Imaging.Codecs;

/// <summary>Undoes the five row filters of PNG, in place.</summary>
internal static class PngFilter
{
    /// <summary>Restores one row.</summary>
    /// <param name="filter">0 none, 1 sub, 2 up, 3 average, 4 Paeth.</param>
    /// <param name="row">The filtered row; restored on return.</param>
    /// <param name="above">The restored row above, of the same length; zeros for the first.</param>
    /// <param name="step">Bytes from a pixel to the next, at least 1.</param>
    /// <returns>False when there is no such filter.</returns>
    public static bool Undo(int filter, Span<byte> row, ReadOnlySpan<byte> above, int step)
    {
        switch (filter)
        {
            case 0: return true;
            case 1: Sub(row, step); return true;
            case 2: Up(row, above); return true;
            case 3: Average(row, above, step); return true;
            case 4 when step is 3 or 4: PaethVector(row, above, step); return true;
            case 4: Paeth(row, above, step, 0); return true;
            default: return false;
        }
    }

    private static void Sub(Span<byte> row, int step)
    {
        for (var i = step; i < row.Length; i++)
            row[i] += row[i - step];
    }

    private static void Up(Span<byte> row, ReadOnlySpan<byte> above)
    {
        var i = 0;
        for (; i <= row.Length - Vector<byte>.Count; i += Vector<byte>.Count)
            (new Vector<byte>(row[i..]) + new Vector<byte>(above[i..])).CopyTo(row[i..]);
        for (; i < row.Length; i++)
            row[i] += above[i];
    }

    private static void Average(Span<byte> row, ReadOnlySpan<byte> above, int step)
    {
        for (var i = 0; i < Math.Min(step, row.Length); i++)
            row[i] += (byte)(above[i] >> 1);
        for (var i = step; i < row.Length; i++)
            row[i] += (byte)((row[i - step] + above[i]) >> 1);
    }

    private static void Paeth(Span<byte> row, ReadOnlySpan<byte> above, int step, int start)
    {
        for (var i = start; i < row.Length; i++)
        {
            int left = i >= step ? row[i - step] : 0, up = above[i], corner = i >= step ? above[i - step] : 0;
            int toLeft = Math.Abs(up - corner), toUp = Math.Abs(left - corner), toCorner = Math.Abs(left + up - 2 * corner);
            row[i] += (byte)(toLeft <= toUp && toLeft <= toCorner ? left : toUp <= toCorner ? up : corner);
        }
    }

    // Each pixel needs its left neighbour, so the lanes are the channels of one pixel.
    private static void PaethVector(Span<byte> row, ReadOnlySpan<byte> above, int step)
    {
        ref var target = ref MemoryMarshal.GetReference(row);
        ref var top = ref MemoryMarshal.GetReference(above);
        var left = Vector128<short>.Zero;
        var corner = Vector128<short>.Zero;
        var i = 0;
        for (; i + 4 <= row.Length; i += step)
        {
            var up = Widen(ref Unsafe.Add(ref top, i));
            var delta = up - corner;
            var toLeft = Vector128.Abs(delta);
            var across = left - corner;
            var toUp = Vector128.Abs(across);
            var toCorner = Vector128.Abs(delta + across);
            var takeLeft = Vector128.LessThanOrEqual(toLeft, Vector128.Min(toUp, toCorner));
            var takeUp = Vector128.LessThanOrEqual(toUp, toCorner);
            var predicted = Vector128.ConditionalSelect(takeLeft, left, Vector128.ConditionalSelect(takeUp, up, corner));
            var sum = (predicted + Widen(ref Unsafe.Add(ref target, i))) & Vector128.Create((short)255);
            Store(ref Unsafe.Add(ref target, i), sum, step);
            (left, corner) = (sum, up);
        }

        Paeth(row, above, step, i);
    }

    private static Vector128<short> Widen(ref byte pixel) =>
        Vector128.WidenLower(Vector128.CreateScalar(Unsafe.ReadUnaligned<uint>(ref pixel)).AsByte()).AsInt16();

    private static void Store(ref byte pixel, Vector128<short> value, int step)
    {
        var packed = Vector128.Narrow(value.AsUInt16(), value.AsUInt16()).AsUInt32().ToScalar();
        if (step == 4)
        {
            Unsafe.WriteUnaligned(ref pixel, packed);
            return;
        }

        Unsafe.WriteUnaligned(ref pixel, (ushort)packed);
        Unsafe.Add(ref pixel, 2) = (byte)(packed >> 16);
    }
}

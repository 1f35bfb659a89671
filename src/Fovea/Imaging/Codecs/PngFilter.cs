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
            case 4 when step <= 4: PaethVector(row, above, step); return true;
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
        // One chain per byte of the pixel, so that its left and corner stay in registers.
        for (var channel = 0; channel < step; channel++)
        {
            var first = start + channel;
            (int left, int corner) = first >= step && first < row.Length ? (row[first - step], above[first - step]) : (0, 0);
            for (var i = first; i < row.Length && i < above.Length; i += step)
            {
                int up = above[i];
                int toLeft = Math.Abs(up - corner), toUp = Math.Abs(left - corner), toCorner = Math.Abs(left + up - 2 * corner);
                var predicted = toUp < toLeft ? up : left;
                var nearest = Math.Min(toUp, toLeft);
                predicted = toCorner < nearest ? corner : predicted;
                left = (byte)(row[i] + predicted);
                row[i] = (byte)left;
                corner = up;
            }
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
        switch (step)
        {
            case 1:
                pixel = (byte)packed;
                break;
            case 2:
                Unsafe.WriteUnaligned(ref pixel, (ushort)packed);
                break;
            case 3:
                Unsafe.WriteUnaligned(ref pixel, (ushort)packed);
                Unsafe.Add(ref pixel, 2) = (byte)(packed >> 16);
                break;
            default:
                Unsafe.WriteUnaligned(ref pixel, packed);
                break;
        }
    }
}

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Fovea.Ops.Kernels;

/// <summary>Turns small matrices round.</summary>
internal static class Transpose
{
    /// <summary>Writes element (row, column) of the source to (column, row) of the target.</summary>
    /// <param name="source">Rows of <paramref name="columns"/> elements, <paramref name="sourceStride"/> apart.</param>
    /// <param name="sourceStride">Elements from one row of the source to the next.</param>
    /// <param name="rows">Rows of the source.</param>
    /// <param name="columns">Columns of the source.</param>
    /// <param name="target">Rows of <paramref name="rows"/> elements, <paramref name="targetStride"/> apart.</param>
    /// <param name="targetStride">Elements from one row of the target to the next.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(ReadOnlySpan<float> source, int sourceStride, int rows, int columns, Span<float> target, int targetStride)
    {
        var (wholeRows, wholeColumns) = Sse.IsSupported ? (rows & ~3, columns & ~3) : (0, 0);
        for (var column = 0; column < wholeColumns; column += 4)
        {
            for (var row = 0; row < wholeRows; row += 4)
                FourByFour(source[(row * sourceStride + column)..], sourceStride, target[(column * targetStride + row)..], targetStride);
        }

        for (var row = 0; row < rows; row++)
        {
            for (var column = row < wholeRows ? wholeColumns : 0; column < columns; column++)
                target[column * targetStride + row] = source[row * sourceStride + column];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void FourByFour(ReadOnlySpan<float> source, int sourceStride, Span<float> target, int targetStride)
    {
        ref var from = ref MemoryMarshal.GetReference(source[..(3 * sourceStride + 4)]);
        ref var to = ref MemoryMarshal.GetReference(target[..(3 * targetStride + 4)]);
        var a = Vector128.LoadUnsafe(ref from);
        var b = Vector128.LoadUnsafe(ref from, (nuint)sourceStride);
        var c = Vector128.LoadUnsafe(ref from, (nuint)(2 * sourceStride));
        var d = Vector128.LoadUnsafe(ref from, (nuint)(3 * sourceStride));
        var (lowAb, lowCd) = (Sse.UnpackLow(a, b), Sse.UnpackLow(c, d));
        var (highAb, highCd) = (Sse.UnpackHigh(a, b), Sse.UnpackHigh(c, d));
        Sse.MoveLowToHigh(lowAb, lowCd).StoreUnsafe(ref to);
        Sse.MoveHighToLow(lowCd, lowAb).StoreUnsafe(ref to, (nuint)targetStride);
        Sse.MoveLowToHigh(highAb, highCd).StoreUnsafe(ref to, (nuint)(2 * targetStride));
        Sse.MoveHighToLow(highCd, highAb).StoreUnsafe(ref to, (nuint)(3 * targetStride));
    }
}

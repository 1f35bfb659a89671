using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Fovea.Ops.Kernels;

/// <summary>How the cells of a feature map are stored, and how 16 of them are read as single precision.</summary>
/// <typeparam name="T">What one is stored as.</typeparam>
internal interface ICellType<T> where T : unmanaged
{
    /// <summary>16 values from an offset; the caller sees to it that they are within the memory.</summary>
    static abstract Vector512<float> Load(ReadOnlySpan<T> cells, int offset);

    /// <summary>One value.</summary>
    static abstract float Load(T cell);
}

/// <summary>Cells in single precision.</summary>
internal readonly struct SingleCell : ICellType<float>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(ReadOnlySpan<float> cells, int offset) => Vector512.LoadUnsafe(ref MemoryMarshal.GetReference(cells), (nuint)offset);

    public static float Load(float cell) => cell;
}

/// <summary>Cells in bfloat16, the upper half of single precision, as raw 16-bit integers.</summary>
internal readonly struct BFloat16Cell : ICellType<short>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(ReadOnlySpan<short> cells, int offset)
    {
        var half = Vector256.LoadUnsafe(ref MemoryMarshal.GetReference(cells), (nuint)offset);
        return (Vector512.WidenLower(half.AsUInt16().ToVector512Unsafe()) << 16).AsSingle();
    }

    public static float Load(short cell) => BitConverter.Int32BitsToSingle(cell << 16);
}

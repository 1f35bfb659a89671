using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Fovea.Ops.Kernels;

/// <summary>What kernels written once for float and double need of vectors beyond the generic operators.</summary>
internal static class Lanes
{
    /// <summary>a b + c, in one instruction where the processor has it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> MultiplyAdd<T>(Vector512<T> a, Vector512<T> b, Vector512<T> c) where T : unmanaged =>
        typeof(T) == typeof(float)
            ? Vector512.MultiplyAddEstimate(a.AsSingle(), b.AsSingle(), c.AsSingle()).As<float, T>()
            : Vector512.MultiplyAddEstimate(a.AsDouble(), b.AsDouble(), c.AsDouble()).As<double, T>();

    /// <summary>e to the power of each lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Exp<T>(Vector512<T> x) where T : unmanaged =>
        typeof(T) == typeof(float) ? Vector512.Exp(x.AsSingle()).As<float, T>() : Vector512.Exp(x.AsDouble()).As<double, T>();

    /// <summary>A vector at an offset; lanes past the end of the memory are 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> LoadWithin<T>(ReadOnlySpan<T> source, int offset) where T : unmanaged =>
        offset + Vector512<T>.Count <= source.Length ? Vector512.LoadUnsafe(ref MemoryMarshal.GetReference(source), (nuint)offset) : LoadTail(source, offset);

    /// <summary>Stores a vector at an offset, without the lanes past the end of the memory.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreWithin<T>(Vector512<T> values, Span<T> target, int offset) where T : unmanaged
    {
        if (offset + Vector512<T>.Count <= target.Length)
            values.StoreUnsafe(ref MemoryMarshal.GetReference(target), (nuint)offset);
        else
            StoreFirst(values, target[offset..]);
    }

    /// <summary>Stores as many lanes as the target holds.</summary>
    public static void StoreFirst<T>(Vector512<T> values, Span<T> target) where T : unmanaged
    {
        for (var i = 0; i < Math.Min(target.Length, Vector512<T>.Count); i++)
            target[i] = values[i];
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Vector512<T> LoadTail<T>(ReadOnlySpan<T> source, int offset) where T : unmanaged
    {
        Span<T> padded = stackalloc T[Vector512<T>.Count];
        padded.Clear();
        if (offset < source.Length)
            source[offset..].CopyTo(padded);
        return Vector512.Create<T>(padded);
    }
}

using System.Numerics;

namespace Fovea.Ops.Kernels;

/// <summary>Arithmetic on rows whose length is a multiple of what a vector holds.</summary>
internal static class Rows
{
    /// <summary>The smallest length of a row that holds so many values.</summary>
    public static int Length(int values) => values.RoundUp(Vector<float>.Count);

    /// <summary>target += factor · source.</summary>
    public static void AddScaled(Span<float> target, ReadOnlySpan<float> source, float factor)
    {
        var scale = new Vector<float>(factor);
        for (var i = 0; i < target.Length; i += Vector<float>.Count)
            Vector.FusedMultiplyAdd(new Vector<float>(source[i..]), scale, new Vector<float>(target[i..])).CopyTo(target[i..]);
    }

    /// <summary>target = factor · source.</summary>
    public static void Scale(Span<float> target, ReadOnlySpan<float> source, float factor)
    {
        for (var i = 0; i < target.Length; i += Vector<float>.Count)
            (new Vector<float>(source[i..]) * factor).CopyTo(target[i..]);
    }

    /// <summary>target = middle + (before + after) / 2.</summary>
    public static void Blur(Span<float> target, ReadOnlySpan<float> middle, ReadOnlySpan<float> before, ReadOnlySpan<float> after)
    {
        var half = new Vector<float>(0.5f);
        for (var i = 0; i < target.Length; i += Vector<float>.Count)
            Vector.FusedMultiplyAdd(new Vector<float>(before[i..]) + new Vector<float>(after[i..]), half, new Vector<float>(middle[i..])).CopyTo(target[i..]);
    }
}

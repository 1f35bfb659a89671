using Fovea.Imaging;
using Fovea.Torch;

namespace Fovea.Losses;

/// <summary>Distances of pixels to the border of regions, for losses that weigh errors by how far off they are. They carry no gradient.</summary>
internal static class DistanceFields
{
    /// <summary>A value for every pixel of a region's picture.</summary>
    public delegate float[] Field(ReadOnlySpan<byte> region, ImageSize size);

    /// <summary>Outside the distance to the region, inside 1 less the distance to the outside; 0 everywhere for a region that is empty or everything.</summary>
    public static float[] Signed(ReadOnlySpan<byte> region, ImageSize size) => Between(region, size, static (inside, outside) => inside > 0 ? 1 - inside : outside);

    /// <summary>The distance to the other side; 0 everywhere for a region that is empty or everything.</summary>
    public static float[] TwoSided(ReadOnlySpan<byte> region, ImageSize size) => Between(region, size, static (inside, outside) => inside + outside);

    /// <summary>Inside the distance to the outside, and 0 outside; 0 everywhere for a region that is everything.</summary>
    public static float[] Inside(ReadOnlySpan<byte> region, ImageSize size) => Between(region, size, static (inside, _) => inside);

    /// <summary>Fields of regions, <c>[N, C, H, W]</c> of 0 and others.</summary>
    public static Tensor Of(Tensor regions, Field field)
    {
        using var scope = new TensorScope();
        var (count, size) = ((int)(regions.Shape[0] * regions.Shape[1]), new ImageSize((int)regions.Shape[2], (int)regions.Shape[3]));
        var pixels = size.Height * size.Width;
        var bytes = regions.Detach().Ne(0).To(Dtype.UInt8).ToArray<byte>();
        var fields = new float[bytes.Length];
        Parallel.For(0, count, i => field(bytes.AsSpan(i * pixels, pixels), size).CopyTo(fields, i * pixels));
        return scope.Keep(Tensor.FromArray(fields, regions.Shape).To(regions.Device, regions.Dtype));
    }

    private static float[] Between(ReadOnlySpan<byte> region, ImageSize size, Func<float, float, float> combine)
    {
        var field = new float[region.Length];
        if (!region.Contains((byte)0) || !region.ContainsAnyExcept((byte)0))
            return field;
        var others = new byte[region.Length];
        for (var i = 0; i < others.Length; i++)
            others[i] = region[i] == 0 ? (byte)1 : (byte)0;
        var (inside, outside) = (DistanceTransform.Compute(region, size), DistanceTransform.Compute(others, size));
        for (var i = 0; i < field.Length; i++)
            field[i] = combine(inside[i], outside[i]);
        return field;
    }
}

using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Fovea.Ops.Kernels;

/// <summary>Extents of feature maps [N, C, H, W].</summary>
internal readonly record struct MapShape(int Images, int Channels, int Height, int Width)
{
    /// <summary>From the shape of a tensor [N, C, H, W].</summary>
    public static MapShape Of(Fovea.Torch.Shape shape) => new((int)shape[0], (int)shape[1], (int)shape[2], (int)shape[3]);

    /// <summary>Cells of one channel.</summary>
    public int Plane => Height * Width;
}

/// <summary>The regions of a call, grouped by image, with their weights, and the division of the channels among the cores.</summary>
internal sealed class RoiPlan<T> : IDisposable where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    // A few channels at a time, as many as the second-level cache of a core holds, share the weights of a region.
    private const int CacheBytes = 512 * 1024;
    private const int MostChannels = 8;

    private readonly List<int>[] members;

    public RoiPlan(ReadOnlyMemory<T> regions, MapShape shape, RoiAlignParameters parameters, bool backward)
    {
        var count = regions.Length / 5;
        members = RoiRows.GroupByImage(regions.Span, shape.Images);
        Weights = new RoiWeights<T>[count];
        Cores.For(count, 64, (from, to) =>
        {
            for (var region = from; region < to; region++)
            {
                Weights[region] = RoiWeights<T>.Rent();
                Weights[region].Set(regions.Span.Slice(5 * region + 1, 4), new ImageSize(shape.Height, shape.Width), parameters, backward);
            }
        });
        var widest = Weights.Length == 0 ? 0 : Weights.Max(static weights => weights.ColumnCount);
        RowStride = widest.RoundUp(Vector512<T>.Count);
    }

    /// <summary>The weights of every region.</summary>
    public RoiWeights<T>[] Weights { get; }

    /// <summary>Columns of the widest region, rounded up to whole vectors.</summary>
    public int RowStride { get; }

    /// <summary>The regions of every image.</summary>
    public IReadOnlyList<IReadOnlyList<int>> Members => members;

    /// <summary>Gives the weights back.</summary>
    public void Dispose()
    {
        foreach (var weights in Weights)
            weights.Return();
    }

    /// <summary>Calls <paramref name="body"/>(regions of the image, image, from channel, to channel) for all channels of all images, in parallel.</summary>
    public void ForEachPlanes(MapShape shape, Action<List<int>, int, int, int> body)
    {
        var bytes = shape.Plane * Unsafe.SizeOf<T>();
        var step = Math.Clamp(CacheBytes / Math.Max(1, bytes), 1, MostChannels);
        var steps = (shape.Channels + step - 1) / step;
        Cores.For(shape.Images * steps, 1, (from, to) =>
        {
            for (var unit = from; unit < to; unit++)
            {
                var first = unit % steps * step;
                body(members[unit / steps], unit / steps, first, Math.Min(first + step, shape.Channels));
            }
        });
    }
}

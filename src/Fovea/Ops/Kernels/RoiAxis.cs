using System.Numerics;

namespace Fovea.Ops.Kernels;

/// <summary>Where RoIAlign samples a region along one axis of a feature map, in its cells.</summary>
/// <param name="Start">Start of the region.</param>
/// <param name="Bin">Size of a bin.</param>
/// <param name="Samples">Sampling points per bin.</param>
internal readonly record struct RoiAxis<T>(T Start, T Bin, int Samples) where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>The axis of a region.</summary>
    /// <param name="from">Lower edge in pixels of the image.</param>
    /// <param name="to">Upper edge in pixels of the image.</param>
    /// <param name="bins">Bins along the axis.</param>
    /// <param name="parameters">Scale, sampling ratio and alignment.</param>
    public static RoiAxis<T> Create(T from, T to, int bins, RoiAlignParameters parameters)
    {
        var scale = T.CreateChecked(parameters.SpatialScale);
        var offset = parameters.Aligned ? T.CreateChecked(0.5) : T.Zero;
        var start = from * scale - offset;
        var size = to * scale - offset - start;
        if (!parameters.Aligned)
            size = T.Max(size, T.One);
        var samples = parameters.SamplingRatio > 0 ? parameters.SamplingRatio : int.CreateSaturating(T.Ceiling(size / T.CreateChecked(bins)));
        return new RoiAxis<T>(start, size / T.CreateChecked(bins), Math.Max(0, samples));
    }

    /// <summary>
    /// The two cells a sampling point lies between, and the weight of the upper one; false when it lies more than a cell outside
    /// the map and counts as 0.
    /// </summary>
    public bool TrySample(int bin, int sample, int extent, out int low, out int high, out T weight)
    {
        var half = T.CreateChecked(0.5);
        var position = Start + T.CreateChecked(bin) * Bin + (T.CreateChecked(sample) + half) * Bin / T.CreateChecked(Samples);
        (low, high, weight) = (0, 0, T.Zero);
        if (!(position >= -T.One && position <= T.CreateChecked(extent)))
            return false;
        position = T.Max(position, T.Zero);
        low = int.CreateTruncating(position);
        if (low >= extent - 1)
        {
            low = high = extent - 1;
            return true;
        }

        high = low + 1;
        weight = position - T.CreateChecked(low);
        return true;
    }
}

/// <summary>What RoIAlign needs besides its tensors.</summary>
/// <param name="PooledHeight">Bins from top to bottom.</param>
/// <param name="PooledWidth">Bins from left to right.</param>
/// <param name="SpatialScale">Cells of the feature map per pixel of the image, 1 / stride.</param>
/// <param name="SamplingRatio">Sampling points per bin and axis; 0 for one per cell the bin covers (rounded up).</param>
/// <param name="Aligned">Whether the pixel centre is at half a pixel (regions shift by -0.5 cells and may be smaller than a cell).</param>
internal readonly record struct RoiAlignParameters(int PooledHeight, int PooledWidth, double SpatialScale, int SamplingRatio, bool Aligned);

using System.Numerics;
using System.Runtime.Intrinsics;

namespace Fovea.Ops.Kernels;

/// <summary>
/// RoIAlign of a region as two small matrices: it interpolates and averages along rows and columns independently, so a bin is
/// Σ_y Σ_x R[bin row, y] C[x, bin column] map[y, x]. R is sparse (the few rows every bin touches), C dense over the columns of
/// the region. One instance serves every channel.
/// </summary>
internal sealed class RoiWeights<T> where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly int pooledWidth;

    /// <param name="box">The region (x1, y1, x2, y2) in pixels.</param>
    /// <param name="map">Size of the feature map in cells.</param>
    /// <param name="parameters">Bins, scale, sampling.</param>
    /// <param name="backward">Whether the weights are for the backward pass, which runs over columns where the forward pass runs over bins.</param>
    public RoiWeights(ReadOnlySpan<T> box, ImageSize map, RoiAlignParameters parameters, bool backward)
    {
        var vertical = RoiAxis<T>.Create(box[1], box[3], parameters.PooledHeight, parameters);
        var horizontal = RoiAxis<T>.Create(box[0], box[2], parameters.PooledWidth, parameters);
        pooledWidth = parameters.PooledWidth;
        RowStarts = new int[parameters.PooledHeight + 1];
        (Rows, RowWeights) = FillRows(vertical, map.Height);
        (FirstColumn, var last) = Columns(horizontal, map.Width);
        ColumnCount = last - FirstColumn + 1;
        Stride = (backward ? ColumnCount : pooledWidth).RoundUp(Vector512<T>.Count);
        ColumnWeights = new T[(backward ? pooledWidth : ColumnCount) * Stride];
        FillColumns(horizontal, map.Width, backward);
    }

    /// <summary>Where the entries of every bin row start in <see cref="Rows"/>; one more at the end.</summary>
    public int[] RowStarts { get; }

    /// <summary>Map rows, bin row after bin row.</summary>
    public int[] Rows { get; }

    /// <summary>The weight of each of <see cref="Rows"/>.</summary>
    public T[] RowWeights { get; }

    /// <summary>The first map column with a weight.</summary>
    public int FirstColumn { get; }

    /// <summary>Map columns from the first to the last with a weight; 0 when the region lies outside the map.</summary>
    public int ColumnCount { get; }

    /// <summary>Length of a row of <see cref="ColumnWeights"/>: whole vectors.</summary>
    public int Stride { get; }

    /// <summary>
    /// The weight of every map column in every bin column, padded with zeros: a row per map column in the forward pass, a row per
    /// bin column in the backward pass.
    /// </summary>
    public T[] ColumnWeights { get; }

    private (int[] Rows, T[] Weights) FillRows(RoiAxis<T> axis, int extent)
    {
        var capacity = (RowStarts.Length - 1) * Math.Min(2 * axis.Samples, extent);
        var rows = new int[capacity];
        var weights = new T[capacity];
        var share = axis.Samples > 0 ? T.One / T.CreateChecked(axis.Samples) : T.Zero;
        var count = 0;
        for (var bin = 0; bin + 1 < RowStarts.Length; bin++)
        {
            var start = RowStarts[bin] = count;
            for (var sample = 0; sample < axis.Samples; sample++)
            {
                if (!axis.TrySample(bin, sample, extent, out var low, out var high, out var weight))
                    continue;
                Add(low, (T.One - weight) * share);
                if (high != low)
                    Add(high, weight * share);
            }

            // Sampling points go up the axis (down it for an inverted region), so a row seen before is among the last two.
            void Add(int row, T weight)
            {
                for (var k = count - 1; k >= Math.Max(start, count - 2); k--)
                {
                    if (rows[k] == row)
                    {
                        weights[k] += weight;
                        return;
                    }
                }

                (rows[count], weights[count]) = (row, weight);
                count++;
            }
        }

        RowStarts[^1] = count;
        return (rows, weights);
    }

    private (int First, int Last) Columns(RoiAxis<T> axis, int extent)
    {
        var (first, last) = (int.MaxValue, -1);
        for (var bin = 0; bin < pooledWidth; bin++)
        {
            for (var sample = 0; sample < axis.Samples; sample++)
            {
                if (axis.TrySample(bin, sample, extent, out var low, out var high, out _))
                    (first, last) = (Math.Min(first, low), Math.Max(last, high));
            }
        }

        return last < 0 ? (0, -1) : (first, last);
    }

    private void FillColumns(RoiAxis<T> axis, int extent, bool backward)
    {
        var share = axis.Samples > 0 ? T.One / T.CreateChecked(axis.Samples) : T.Zero;
        for (var bin = 0; bin < pooledWidth; bin++)
        {
            for (var sample = 0; sample < axis.Samples; sample++)
            {
                if (!axis.TrySample(bin, sample, extent, out var low, out var high, out var weight))
                    continue;
                Entry(low - FirstColumn, bin) += (T.One - weight) * share;
                if (high != low)
                    Entry(high - FirstColumn, bin) += weight * share;
            }
        }

        ref T Entry(int column, int bin) => ref ColumnWeights[backward ? bin * Stride + column : column * Stride + bin];
    }
}

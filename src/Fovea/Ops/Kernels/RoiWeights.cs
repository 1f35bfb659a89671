using System.Collections.Concurrent;
using System.Numerics;
using System.Runtime.Intrinsics;

namespace Fovea.Ops.Kernels;

/// <summary>
/// RoIAlign of a region as two small matrices: it interpolates and averages along rows and columns independently, so a bin is
/// Σ_y Σ_x R[bin row, y] C[x, bin column] map[y, x]. R is sparse (the few rows every bin touches), C dense over the columns of
/// the region. One instance serves every channel of a region, and then another region.
/// </summary>
internal sealed class RoiWeights<T> where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    // Larger ones are left to the collector, so that one huge region does not hold memory for good.
    private const int MostKept = 1 << 14;

    private static readonly ConcurrentBag<RoiWeights<T>> Pool = [];

    private int[] rowStarts = [];
    private int[] rows = [];
    private T[] rowWeights = [];
    private T[] columnWeights = [];
    private int pooledWidth;

    /// <summary>Where the entries of every bin row start in <see cref="Rows"/>; one more at the end.</summary>
    public ReadOnlySpan<int> RowStarts => rowStarts;

    /// <summary>Map rows, bin row after bin row.</summary>
    public ReadOnlySpan<int> Rows => rows;

    /// <summary>The weight of each of <see cref="Rows"/>.</summary>
    public ReadOnlySpan<T> RowWeights => rowWeights;

    /// <summary>The first map column with a weight.</summary>
    public int FirstColumn { get; private set; }

    /// <summary>Map columns from the first to the last with a weight; 0 when the region lies outside the map.</summary>
    public int ColumnCount { get; private set; }

    /// <summary>Length of a row of <see cref="ColumnWeights"/>: whole vectors.</summary>
    public int Stride { get; private set; }

    /// <summary>
    /// The weight of every map column in every bin column, padded with zeros: a row per map column in the forward pass, a row per
    /// bin column in the backward pass.
    /// </summary>
    public ReadOnlySpan<T> ColumnWeights => columnWeights;

    /// <summary>An instance to use and give back: a detector makes thousands a second.</summary>
    public static RoiWeights<T> Rent() => Pool.TryTake(out var weights) ? weights : new RoiWeights<T>();

    /// <summary>Gives the instance back.</summary>
    public void Return()
    {
        if (columnWeights.Length <= MostKept && rows.Length <= MostKept)
            Pool.Add(this);
    }

    /// <summary>Calculates the weights of a region.</summary>
    /// <param name="box">The region (x1, y1, x2, y2) in pixels.</param>
    /// <param name="map">Size of the feature map in cells.</param>
    /// <param name="parameters">Bins, scale, sampling.</param>
    /// <param name="backward">Whether the weights are for the backward pass, which runs over columns where the forward pass runs over bins.</param>
    public void Set(ReadOnlySpan<T> box, ImageSize map, RoiAlignParameters parameters, bool backward)
    {
        var vertical = RoiAxis<T>.Create(box[1], box[3], parameters.PooledHeight, parameters);
        var horizontal = RoiAxis<T>.Create(box[0], box[2], parameters.PooledWidth, parameters);
        pooledWidth = parameters.PooledWidth;
        FillRows(vertical, parameters.PooledHeight, map.Height);
        (FirstColumn, var last) = Columns(horizontal, map.Width);
        ColumnCount = last - FirstColumn + 1;
        Stride = (backward ? ColumnCount : pooledWidth).RoundUp(Vector512<T>.Count);
        var size = (backward ? pooledWidth : ColumnCount) * Stride;
        if (columnWeights.Length < size)
            columnWeights = new T[size];
        else
            columnWeights.AsSpan(0, size).Clear();
        FillColumns(horizontal, map.Width, backward);
    }

    private void FillRows(RoiAxis<T> axis, int bins, int extent)
    {
        var capacity = bins * (int)Math.Min(2L * axis.Samples, extent);
        if (rows.Length < capacity)
            (rows, rowWeights) = (new int[capacity], new T[capacity]);
        if (rowStarts.Length < bins + 1)
            rowStarts = new int[bins + 1];
        var share = axis.Samples > 0 ? T.One / T.CreateChecked(axis.Samples) : T.Zero;
        var count = 0;
        for (var bin = 0; bin < bins; bin++)
        {
            var start = rowStarts[bin] = count;
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
                        rowWeights[k] += weight;
                        return;
                    }
                }

                (rows[count], rowWeights[count]) = (row, weight);
                count++;
            }
        }

        rowStarts[bins] = count;
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

        ref T Entry(int column, int bin) => ref columnWeights[backward ? bin * Stride + column : column * Stride + bin];
    }
}

using System.Buffers;
using System.Numerics;
using System.Runtime.Intrinsics;

namespace Fovea.Ops.Kernels;

/// <summary>
/// Boxes turned from rows (x1, y1, x2, y2) into columns, so that one vector instruction handles 16 of them. Columns are
/// longer than the count by up to one vector of boxes that overlap nothing: kernels need no scalar tail.
/// </summary>
internal sealed class BoxColumns<T> : IDisposable where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private BoxColumns(int count)
    {
        Count = count;
        Padded = count.RoundUp(Vector512<T>.Count);
        X1 = ArrayPool<T>.Shared.Rent(Padded);
        Y1 = ArrayPool<T>.Shared.Rent(Padded);
        X2 = ArrayPool<T>.Shared.Rent(Padded);
        Y2 = ArrayPool<T>.Shared.Rent(Padded);
        Area = ArrayPool<T>.Shared.Rent(Padded);
    }

    public int Count { get; private set; }

    /// <summary>The count rounded up to whole vectors.</summary>
    public int Padded { get; }

    public T[] X1 { get; }

    public T[] Y1 { get; }

    public T[] X2 { get; }

    public T[] Y2 { get; }

    public T[] Area { get; }

    /// <summary>Columns of all boxes, in order.</summary>
    public static BoxColumns<T> Of(ReadOnlyMemory<T> boxes)
    {
        var columns = new BoxColumns<T>(boxes.Length / 4);
        Cores.For(columns.Count, 16384, (from, to) =>
        {
            var rows = boxes.Span;
            for (var i = from; i < to; i++)
                columns.Set(i, rows[4 * i], rows[4 * i + 1], rows[4 * i + 2], rows[4 * i + 3]);
        });
        columns.Pad(columns.Count, columns.Padded);
        return columns;
    }

    /// <summary>Columns of the boxes that <paramref name="order"/> picks, in its order.</summary>
    public static BoxColumns<T> Of(ReadOnlySpan<T> boxes, ReadOnlySpan<int> order)
    {
        var columns = new BoxColumns<T>(order.Length);
        for (var i = 0; i < order.Length; i++)
        {
            var row = boxes.Slice(4 * order[i], 4);
            columns.Set(i, row[0], row[1], row[2], row[3]);
        }

        columns.Pad(order.Length, columns.Padded);
        return columns;
    }

    /// <summary>No boxes yet, room for <paramref name="capacity"/>, filled by <see cref="Append"/>.</summary>
    public static BoxColumns<T> Empty(int capacity)
    {
        var columns = new BoxColumns<T>(capacity);
        columns.Pad(0, columns.Padded);
        columns.Count = 0;
        return columns;
    }

    public void Append(BoxColumns<T> source, int index)
    {
        X1[Count] = source.X1[index];
        Y1[Count] = source.Y1[index];
        X2[Count] = source.X2[index];
        Y2[Count] = source.Y2[index];
        Area[Count] = source.Area[index];
        Count++;
    }

    public void Dispose()
    {
        ArrayPool<T>.Shared.Return(X1);
        ArrayPool<T>.Shared.Return(Y1);
        ArrayPool<T>.Shared.Return(X2);
        ArrayPool<T>.Shared.Return(Y2);
        ArrayPool<T>.Shared.Return(Area);
    }

    private void Set(int i, T x1, T y1, T x2, T y2)
    {
        X1[i] = x1;
        Y1[i] = y1;
        X2[i] = x2;
        Y2[i] = y2;
        Area[i] = (x2 - x1) * (y2 - y1);
    }

    // Inside-out infinite boxes: their intersection with anything is clamped to 0, whatever its size.
    private void Pad(int from, int to)
    {
        X1.AsSpan(from, to - from).Fill(T.PositiveInfinity);
        Y1.AsSpan(from, to - from).Fill(T.PositiveInfinity);
        X2.AsSpan(from, to - from).Fill(T.NegativeInfinity);
        Y2.AsSpan(from, to - from).Fill(T.NegativeInfinity);
        Area.AsSpan(from, to - from).Clear();
    }
}

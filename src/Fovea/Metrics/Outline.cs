using System.Numerics;
using System.Runtime.CompilerServices;

namespace Fovea.Metrics;

/// <summary>
/// The pixels of a mask's outline, and the exact distance to the nearest of them: per column the rows to the nearest one are
/// found in two sweeps, and from a given pixel the columns are searched outward until none can be nearer.
/// </summary>
internal sealed class Outline
{
    private const int Far = 1 << 24;

    private readonly List<(int Row, int Column)> pixels = [];
    private readonly int width;

    private Outline(int width) => this.width = width;

    public static Outline Of(ReadOnlySpan<byte> mask, ImageSize size)
    {
        var outline = new Outline(size.Width);
        // With a frame of nothing around it no pixel is special.
        var stride = size.Width + 2;
        var framed = new byte[(size.Height + 2) * stride];
        for (var y = 0; y < size.Height; y++)
        {
            var row = mask.Slice(y * size.Width, size.Width);
            if (row.ContainsAnyExcept((byte)0))
                row.CopyTo(framed.AsSpan((y + 1) * stride + 1));
        }

        for (var y = 0; y < size.Height; y++)
            outline.AddRow(framed, (y + 1) * stride + 1, stride, y);
        return outline;
    }

    /// <summary>The distances of another outline's pixels to this one, rising.</summary>
    public double[] DistancesFrom(Outline other, double rowSpacing, double columnSpacing)
    {
        var distances = new double[other.pixels.Count];
        if (pixels.Count == 0 || distances.Length == 0)
        {
            Array.Fill(distances, double.PositiveInfinity);
            return distances;
        }

        // Pixels come row by row.
        var (top, bottom) = (Math.Min(pixels[0].Row, other.pixels[0].Row), Math.Max(pixels[^1].Row, other.pixels[^1].Row));
        var rows = RowsToNearest(top, bottom);
        for (var i = 0; i < distances.Length; i++)
            distances[i] = Nearest(rows.AsSpan((other.pixels[i].Row - top) * width, width), other.pixels[i].Column, rowSpacing, columnSpacing);
        Array.Sort(distances);
        return distances;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddRow(byte[] framed, int start, int stride, int y)
    {
        var x = 0;
        for (; x <= width - Vector<byte>.Count; x += Vector<byte>.Count)
        {
            var at = start + x;
            var inside = new Vector<byte>(framed, at);
            if (inside == Vector<byte>.Zero)
                continue;
            var nearest = Vector.Min(Vector.Min(new Vector<byte>(framed, at - 1), new Vector<byte>(framed, at + 1)), Vector.Min(new Vector<byte>(framed, at - stride), new Vector<byte>(framed, at + stride)));
            if (Vector.EqualsAny(nearest, Vector<byte>.Zero))
                AddPixels(framed, start, stride, y, x, x + Vector<byte>.Count);
        }

        AddPixels(framed, start, stride, y, x, width);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddPixels(byte[] framed, int start, int stride, int y, int from, int to)
    {
        for (var x = from; x < to; x++)
        {
            var at = start + x;
            if (framed[at] != 0 && (framed[at - 1] == 0 || framed[at + 1] == 0 || framed[at - stride] == 0 || framed[at + stride] == 0))
                pixels.Add((y, x));
        }
    }

    private int[] RowsToNearest(int top, int bottom)
    {
        var rows = new int[(bottom - top + 1) * width];
        Array.Fill(rows, Far);
        foreach (var (row, column) in pixels)
            rows[(row - top) * width + column] = 0;
        for (var y = 1; y <= bottom - top; y++)
            Spread(rows.AsSpan((y - 1) * width, width), rows.AsSpan(y * width, width));
        for (var y = bottom - top - 1; y >= 0; y--)
            Spread(rows.AsSpan((y + 1) * width, width), rows.AsSpan(y * width, width));
        return rows;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Spread(ReadOnlySpan<int> from, Span<int> to)
    {
        var x = 0;
        for (; x <= to.Length - Vector<int>.Count; x += Vector<int>.Count)
            Vector.Min(new Vector<int>(to[x..]), new Vector<int>(from[x..]) + Vector<int>.One).CopyTo(to[x..]);
        for (; x < to.Length; x++)
            to[x] = Math.Min(to[x], from[x] + 1);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double Nearest(ReadOnlySpan<int> rows, int column, double rowSpacing, double columnSpacing)
    {
        var best = Square(rows[column] * rowSpacing);
        for (var step = 1; ; step++)
        {
            var across = Square(step * columnSpacing);
            var (left, right) = (column - step, column + step);
            if (across >= best || (left < 0 && right >= rows.Length))
                return Math.Sqrt(best);
            if (left >= 0)
                best = Math.Min(best, across + Square(rows[left] * rowSpacing));
            if (right < rows.Length)
                best = Math.Min(best, across + Square(rows[right] * rowSpacing));
        }
    }

    private static double Square(double value) => value * value;
}

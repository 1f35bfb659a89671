using System.Runtime.CompilerServices;

namespace Fovea.Ops.Kernels;

/// <summary>
/// Gaussian filtering in a few dimensions in time linear in the pixels (Adams, Baek, Davis 2010): features are points of a
/// hyperplane tiled by simplices; each pixel gives its values to the corners of its simplex by barycentric shares, neighbouring corners
/// are blurred along every axis of the lattice, and pixels take back by the same shares. Corners that no pixel touches do not exist.
/// </summary>
internal sealed class PermutohedralLattice : IPixelFilter
{
    private readonly int dimensions;
    private readonly int pixels;

    // The corners of a pixel and its shares of them, dimensions + 1 each.
    private readonly int[] corners;
    private readonly float[] shares;

    // For each corner where its pixels and their shares stand in the two arrays below.
    private readonly int[] starts;
    private readonly int[] members;
    private readonly float[] memberShares;

    // For each axis the corners that lie in lines along it, and where each line starts; corners without a neighbour are in none.
    private readonly (int[] Corners, int[] Starts)[] lines;
    private readonly int count;
    private float[] sums = [];

    /// <summary>Builds the lattice.</summary>
    /// <param name="features">A row of <paramref name="dimensions"/> values for each pixel, in standard deviations of the Gaussian.</param>
    /// <param name="dimensions">Features of a pixel, 1 to 5.</param>
    public PermutohedralLattice(float[] features, int dimensions)
    {
        this.dimensions = dimensions;
        pixels = features.Length / dimensions;
        var sides = dimensions + 1;
        shares = new float[pixels * sides];
        var keys = new UInt128[pixels * sides];
        Cores.For(pixels, 512, (from, to) =>
        {
            var simplex = new Simplex(dimensions);
            for (var i = from; i < to; i++)
                simplex.Locate(features.AsSpan(i * dimensions, dimensions), keys.AsSpan(i * sides, sides), shares.AsSpan(i * sides, sides));
        });
        var table = new CornerTable(keys.Length);
        corners = new int[keys.Length];
        for (var i = 0; i < keys.Length; i++)
            corners[i] = table.Add(keys[i]);
        count = table.Count;
        lines = [.. Enumerable.Range(0, sides).Select(axis => LinesAlong(axis, table))];
        (starts, members, memberShares) = GroupByCorner();
    }

    /// <summary>Number of corners that pixels touch.</summary>
    public int Count => count;

    public void AddTo(float[] result, float[] values, float[] scales, float weight, int stride)
    {
        var length = checked(count * stride);
        if (sums.Length != length)
            sums = new float[length];
        Cores.For(count, 128, (from, to) => Gather(values, scales, stride, from, to));
        foreach (var (line, begins) in lines)
        {
            Cores.For(begins.Length - 1, 128, (from, to) =>
            {
                for (var i = from; i < to; i++)
                    Rows.Blur(sums, line.AsSpan(begins[i]..begins[i + 1]), stride);
            });
        }

        Cores.For(pixels, 128, (from, to) => Scatter(result, scales, weight, stride, from, to));
    }

    // Pixels in the same order on any number of cores.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Gather(float[] values, float[] scales, int stride, int from, int to)
    {
        var weights = new float[64];
        for (var i = from; i < to; i++)
        {
            var mine = members.AsSpan(starts[i]..starts[i + 1]);
            if (weights.Length < mine.Length)
                weights = new float[2 * mine.Length];
            for (var k = 0; k < mine.Length; k++)
                weights[k] = memberShares[starts[i] + k] * scales[mine[k]];
            Rows.Sum(sums.AsSpan(i * stride, stride), values, mine, weights);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Scatter(float[] result, float[] scales, float weight, int stride, int from, int to)
    {
        var sides = dimensions + 1;
        // Less what the blur adds to a lattice full of ones.
        var usual = (float)(weight / (1 + Math.Pow(2, -dimensions)));
        Span<float> weights = stackalloc float[sides];
        for (var i = from; i < to; i++)
        {
            for (var side = 0; side < sides; side++)
                weights[side] = shares[i * sides + side] * usual * scales[i];
            Rows.Sum(result.AsSpan(i * stride, stride), sums, corners.AsSpan(i * sides, sides), weights, adds: true);
        }
    }

    private (int[] Corners, int[] Starts) LinesAlong(int axis, CornerTable table)
    {
        var next = new int[count];
        Cores.For(count, 512, (from, to) => FindNext(table, axis, next, from, to));
        var isInner = new bool[count];
        foreach (var corner in next)
        {
            if (corner >= 0)
                isInner[corner] = true;
        }

        var (line, begins) = (new List<int>(count), new List<int>());
        for (var i = 0; i < count; i++)
        {
            if (isInner[i] || next[i] < 0)
                continue;
            begins.Add(line.Count);
            for (var corner = i; corner >= 0; corner = next[corner])
                line.Add(corner);
        }

        begins.Add(line.Count);
        return ([.. line], [.. begins]);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void FindNext(CornerTable table, int axis, int[] next, int from, int to)
    {
        Span<int> key = stackalloc int[dimensions];
        for (var i = from; i < to; i++)
        {
            Simplex.Unpack(table.Keys[i], key);
            for (var k = 0; k < dimensions; k++)
                key[k] += k == axis ? -dimensions : 1;
            next[i] = table.Find(Simplex.Pack(key));
        }
    }

    private (int[] Starts, int[] Members, float[] Shares) GroupByCorner()
    {
        var starts = new int[count + 1];
        foreach (var corner in corners)
            starts[corner + 1]++;
        for (var i = 0; i < count; i++)
            starts[i + 1] += starts[i];
        var (members, parts) = (new int[corners.Length], new float[corners.Length]);
        var next = starts[..count];
        for (var i = 0; i < corners.Length; i++)
        {
            var place = next[corners[i]]++;
            (members[place], parts[place]) = (i / (dimensions + 1), shares[i]);
        }

        return (starts, members, parts);
    }
}

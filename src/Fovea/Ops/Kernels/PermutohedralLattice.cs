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

    // For each corner where its pixels stand in the arrays above.
    private readonly int[] starts;
    private readonly int[] entries;

    // For each axis and corner the two beside it; the number of corners stands for one that does not exist.
    private readonly int[] neighbours;
    private readonly int count;
    private float[] front = [];
    private float[] back = [];

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
        neighbours = new int[count * sides * 2];
        Cores.For(count, 512, (from, to) => FindNeighbours(table, from, to));
        (starts, entries) = GroupByCorner();
    }

    /// <summary>Number of corners that pixels touch.</summary>
    public int Count => count;

    public void Apply(float[] values, float[] result, int stride)
    {
        var length = checked((count + 1) * stride);
        if (front.Length != length)
            (front, back) = (new float[length], new float[length]);
        Cores.For(count, 128, (from, to) => Gather(values, stride, from, to));
        for (var axis = 0; axis <= dimensions; axis++)
        {
            var (source, target, first) = (front, back, axis * count * 2);
            Cores.For(count, 128, (from, to) =>
            {
                for (var i = from; i < to; i++)
                    Rows.Blur(Row(target, i, stride), Row(source, i, stride), Row(source, neighbours[first + 2 * i], stride), Row(source, neighbours[first + 2 * i + 1], stride));
            });
            (front, back) = (back, front);
        }

        Cores.For(pixels, 128, (from, to) => Scatter(result, stride, from, to));
    }

    private static Span<float> Row(float[] values, int index, int stride) => values.AsSpan(index * stride, stride);

    // Pixels in the same order on any number of cores.
    private void Gather(float[] values, int stride, int from, int to)
    {
        var sides = dimensions + 1;
        for (var i = from; i < to; i++)
        {
            var row = Row(front, i, stride);
            row.Clear();
            for (var e = starts[i]; e < starts[i + 1]; e++)
                Rows.AddScaled(row, Row(values, entries[e] / sides, stride), shares[entries[e]]);
        }
    }

    private void Scatter(float[] result, int stride, int from, int to)
    {
        // What the blur adds to a lattice full of ones.
        var scale = (float)(1 / (1 + Math.Pow(2, -dimensions)));
        var sides = dimensions + 1;
        for (var i = from; i < to; i++)
        {
            var row = Row(result, i, stride);
            row.Clear();
            for (var side = i * sides; side < (i + 1) * sides; side++)
                Rows.AddScaled(row, Row(front, corners[side], stride), shares[side] * scale);
        }
    }

    private void FindNeighbours(CornerTable table, int from, int to)
    {
        Span<int> key = stackalloc int[dimensions];
        for (var axis = 0; axis <= dimensions; axis++)
        {
            for (var i = from; i < to; i++)
            {
                for (var way = 0; way < 2; way++)
                {
                    var step = way == 0 ? 1 : -1;
                    Simplex.Unpack(table.Keys[i], key);
                    for (var k = 0; k < dimensions; k++)
                        key[k] += k == axis ? -step * dimensions : step;
                    neighbours[(axis * count + i) * 2 + way] = table.Find(Simplex.Pack(key)) is var found and >= 0 ? found : count;
                }
            }
        }
    }

    private (int[] Starts, int[] Entries) GroupByCorner()
    {
        var starts = new int[count + 1];
        foreach (var corner in corners)
            starts[corner + 1]++;
        for (var i = 0; i < count; i++)
            starts[i + 1] += starts[i];
        var entries = new int[corners.Length];
        var next = starts[..count];
        for (var i = 0; i < corners.Length; i++)
            entries[next[corners[i]]++] = i;
        return (starts, entries);
    }
}

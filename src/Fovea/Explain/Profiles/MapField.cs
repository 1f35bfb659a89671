namespace Fovea.Explain;

/// <summary>A map's receptive field along each axis (height, width; depth before them) with its cells.</summary>
internal sealed record MapField(IReadOnlyList<MapField.Axis> Axes)
{
    public static MapField OfPixels(IReadOnlyList<long> sides) => new([.. sides.Select(static side => new Axis(ReceptiveField.OfPixel, side))]);

    /// <summary>Where branches meet: the widest field, on the grid that has most cells.</summary>
    public static MapField Join(MapField a, MapField b)
    {
        if (a.Axes.Count != b.Axes.Count)
            return a.Axes.Count > b.Axes.Count ? a : b;
        return new MapField([.. a.Axes.Zip(b.Axes, static (x, y) =>
        {
            var grid = y.Cells > x.Cells || (y.Cells == x.Cells && y.Field.Size > x.Field.Size) ? y : x;
            return grid with { Field = grid.Field with { Size = Math.Max(x.Field.Size, y.Field.Size) } };
        })]);
    }

    /// <summary>The field behind something done along every axis, which leaves so many cells.</summary>
    public MapField Map(IReadOnlyList<long> cells, Func<int, Axis, ReceptiveField> change) =>
        new([.. Axes.Select((axis, i) => new Axis(change(i, axis), cells[i]))]);

    /// <summary>What sees all of the map.</summary>
    public MapField Whole() => new([.. Axes.Select(static axis => new Axis(axis.Field.Whole(axis.Cells), 1))]);

    internal readonly record struct Axis(ReceptiveField Field, long Cells);
}

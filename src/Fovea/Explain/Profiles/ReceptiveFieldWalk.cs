using Fovea.Torch;

namespace Fovea.Explain;

/// <summary>Follows the receptive field from the picture through the operators that a network ran.</summary>
internal sealed class ReceptiveFieldWalk
{
    private readonly Dictionary<TracedTensor, MapField> fields = [];

    /// <summary>Walks a trace.</summary>
    /// <param name="trace">What ran.</param>
    /// <param name="images">The pictures, <c>[N, C, ...]</c>.</param>
    public ReceptiveFieldWalk(OperatorTrace trace, TracedTensor images)
    {
        fields[images] = MapField.OfPixels(Sides(images));
        foreach (var step in trace.Operators)
        {
            if (step.Results.Count == 0 || FieldOf(step) is not { } field)
                continue;
            foreach (var result in step.Results)
                fields[result] = field;
        }
    }

    /// <summary>A value's field along each axis; empty when it does not depend on the picture in a way that can be followed.</summary>
    public IReadOnlyList<ReceptiveField> this[TracedTensor tensor] =>
        fields.TryGetValue(tensor, out var field) ? [.. field.Axes.Select(static axis => axis.Field)] : [];

    /// <summary>A map's sides.</summary>
    internal static long[] Sides(TracedTensor tensor) => tensor.Shape.ToArray()[2..];

    private MapField? FieldOf(TracedOperator step)
    {
        var joined = step.Inputs.Where(fields.ContainsKey).Select(input => fields[input]).Aggregate((MapField?)null, static (all, next) => all is null ? next : MapField.Join(all, next));
        if (joined is null)
            return null;
        return Kind(step.Name) switch
        {
            "conv" => Window(step, joined, Spatial((TracedTensor)step.Arguments[1]!), 3, 4, 5),
            "max_pool" => Window(step, joined, Numbers(step, 1, joined.Axes.Count, 1), 2, 3, 4),
            "avg_pool" => Window(step, joined, Numbers(step, 1, joined.Axes.Count, 1), 2, 3, null),
            "conv_transpose" => Transposed(step, joined),
            "adaptive_avg_pool" or "adaptive_max_pool" => Adaptive(step, joined),
            "upsample_nearest" => Resampled(step, joined, 0),
            "upsample_linear" or "upsample_bilinear" or "upsample_trilinear" => Resampled(step, joined, 1),
            "upsample_bicubic" => Resampled(step, joined, 3),
            "constant_pad_nd" or "reflection_pad" or "replication_pad" => Padded(step, joined),
            "slice" => Sliced(step, joined),
            "mean" or "sum" or "amax" or "amin" or "max" or "min" => Reduced(step, joined),
            "linear" or "mm" or "addmm" => joined.Whole(),
            _ => joined,
        };
    }

    // "aten::max_pool2d_with_indices" is a max_pool.
    private static string Kind(string name)
    {
        var kind = name["aten::".Length..].Replace("_with_indices", "", StringComparison.Ordinal);
        return kind.Length > 2 && kind[^1] == 'd' && char.IsAsciiDigit(kind[^2]) ? kind[..^2] : kind;
    }

    private static long[] Spatial(TracedTensor weight) => weight.Shape.ToArray()[2..];

    private static long[] Numbers(TracedOperator step, int position, int axes, long missing) => step.Arguments.ElementAtOrDefault(position) switch
    {
        long[] { Length: 0 } or null => [.. Enumerable.Repeat(missing, axes)],
        long[] { Length: 1 } one => [.. Enumerable.Repeat(one[0], axes)],
        long[] each => each,
        long one => [.. Enumerable.Repeat(one, axes)],
        _ => [.. Enumerable.Repeat(missing, axes)],
    };

    private static MapField Window(TracedOperator step, MapField field, long[] kernel, int stride, int padding, int? dilation)
    {
        if (!IsLaidOut(step, field))
            return field;
        var axes = kernel.Length;
        // A pool without a stride steps by its window.
        var strides = step.Arguments.ElementAtOrDefault(stride) is long[] { Length: > 0 } ? Numbers(step, stride, axes, 1) : stride == 2 ? kernel : Numbers(step, stride, axes, 1);
        var paddings = Numbers(step, padding, axes, 0);
        var dilations = dilation is { } at ? Numbers(step, at, axes, 1) : Numbers(step, int.MaxValue, axes, 1);
        return field.Map(Sides(step.Results[0]), (i, axis) => axis.Field.Window(kernel[i], strides[i], paddings[i], dilations[i]));
    }

    // A norm over neighbouring channels lays them out where the picture's rows were, pools them, and lays all out as before.
    private static bool IsLaidOut(TracedOperator step, MapField field) =>
        step.Arguments[0] is TracedTensor input && input.Shape.Rank == field.Axes.Count + 2 && Sides(input).SequenceEqual(field.Axes.Select(static axis => axis.Cells));

    private static MapField Transposed(TracedOperator step, MapField field)
    {
        var axes = field.Axes.Count;
        var kernel = Spatial((TracedTensor)step.Arguments[1]!);
        var (strides, paddings, dilations) = (Numbers(step, 3, axes, 1), Numbers(step, 4, axes, 0), Numbers(step, 7, axes, 1));
        return field.Map(Sides(step.Results[0]), (i, axis) => axis.Field.Transposed(kernel[i], strides[i], paddings[i], dilations[i]));
    }

    private static MapField Adaptive(TracedOperator step, MapField field)
    {
        var cells = Sides(step.Results[0]);
        return field.Map(cells, (i, axis) => axis.Field.Window((axis.Cells + cells[i] - 1) / cells[i], Math.Max(1, axis.Cells / cells[i])));
    }

    private static MapField Resampled(TracedOperator step, MapField field, int reach)
    {
        var cells = Sides(step.Results[0]);
        return field.Map(cells, (i, axis) => cells[i] == axis.Cells ? axis.Field : axis.Field.Resampled((double)cells[i] / axis.Cells, axis.Cells == 1 ? 0 : reach));
    }

    // Paddings count from the last dimension.
    private static MapField Padded(TracedOperator step, MapField field)
    {
        if (!IsLaidOut(step, field))
            return field;
        var (pads, cells) = (Numbers(step, 1, 0, 0), Sides(step.Results[0]));
        return field.Map(cells, (i, axis) =>
        {
            var at = 2 * (field.Axes.Count - 1 - i);
            return axis.Field with { Start = axis.Field.Start - (at < pads.Length ? pads[at] : 0) * axis.Field.Stride };
        });
    }

    private static MapField Sliced(TracedOperator step, MapField field)
    {
        var input = (TracedTensor)step.Arguments[0]!;
        var dimension = (int)(step.Arguments[1] as long? ?? 0);
        dimension = dimension < 0 ? dimension + input.Shape.Rank : dimension;
        if (input.Shape.Rank != field.Axes.Count + 2 || dimension < 2)
            return field;
        var start = Math.Max(0, step.Arguments[2] as long? ?? 0);
        var every = step.Arguments.ElementAtOrDefault(4) as long? ?? 1;
        return field.Map(Sides(step.Results[0]), (i, axis) => i == dimension - 2
            ? axis.Field with { Start = axis.Field.Start + start * axis.Field.Stride, Stride = axis.Field.Stride * every }
            : axis.Field);
    }

    // A reduction over all cells leaves one; any other keeps the map.
    private static MapField Reduced(TracedOperator step, MapField field)
    {
        var input = (TracedTensor)step.Arguments[0]!;
        if (input.Shape.Rank != field.Axes.Count + 2)
            return field;
        var dimensions = step.Arguments.ElementAtOrDefault(1) switch
        {
            long[] { Length: > 0 } given => given.Select(d => d < 0 ? d + input.Shape.Rank : d).ToArray(),
            long one => [one < 0 ? one + input.Shape.Rank : one],
            _ => [.. Enumerable.Range(0, input.Shape.Rank).Select(static d => (long)d)],
        };
        return new MapField([.. field.Axes.Select((axis, i) => dimensions.Contains(i + 2) ? new MapField.Axis(axis.Field.Whole(axis.Cells), 1) : axis)]);
    }
}

using Fovea.Torch;

namespace Fovea.Ops;

/// <summary>RoIPool composed from ATen operators, for tensors on a GPU.</summary>
internal static class ComposedRoiPool
{
    /// <summary>The pooled regions and where in its plane each maximum was, Int64, -1 for empty bins; both [R, C, bins down, bins across].</summary>
    public static (Tensor Result, Tensor Argmax) Forward(Tensor features, Tensor regions, ImageSize bins, double scale)
    {
        var shape = features.Shape;
        Shape empty = [0, shape[1], bins.Height, bins.Width];
        var results = new List<Tensor> { Aten.Zeros(empty, features.Dtype, features.Device) };
        var cells = new List<Tensor> { Aten.Zeros(empty, Dtype.Int64, features.Device) };
        if (regions.Shape[0] == 0)
            return (results[0], cells[0]);
        GatheredCells.CheckImages(regions, shape[0]);
        var maps = GatheredCells.Flatten(features);
        var rows = Edges(regions, 2, 4, scale, bins.Height, shape[2]);
        var columns = Edges(regions, 1, 3, scale, bins.Width, shape[3]);
        var perRegion = rows.Most * columns.Most * bins.Height * bins.Width * shape[1];
        foreach (var (from, count) in GatheredCells.Chunks(regions.Shape[0], perRegion))
        {
            using var scope = new TensorScope();
            var (y, inRows) = Cells(rows, from, count);
            var (x, inColumns) = Cells(columns, from, count);
            // [R, bins down, rows, bins across, columns] to [R, bins down, bins across, cells of a bin].
            Tensor PerBin(Tensor cell) => cell.Permute([0, 1, 3, 2, 4]).Reshape([count, bins.Height, bins.Width, -1]);
            var plane = PerBin(y.Unsqueeze(3).Unsqueeze(4) * shape[3] + x.Unsqueeze(1).Unsqueeze(2));
            var inside = PerBin(inRows.Unsqueeze(3).Unsqueeze(4) & inColumns.Unsqueeze(1).Unsqueeze(2));
            var image = regions.Narrow(0, from, count)[.., 0].To(Dtype.Int64).Reshape([-1, 1, 1, 1]) * (shape[2] * shape[3]);
            var values = maps.IndexSelect(0, (plane + image).Reshape([-1])).Reshape([.. plane.Shape, shape[1]]);
            var (maximum, which) = values.MaskedFill(inside.LogicalNot().Unsqueeze(4), double.NegativeInfinity).Max(3);
            var hasCells = inside.Any(3).Unsqueeze(3);
            var cell = Aten.Where(hasCells, plane.Gather(3, which), -1);
            results.Add(scope.Keep(Aten.Where(hasCells, maximum, 0).To(features.Dtype).Permute([0, 3, 1, 2]).Contiguous()));
            cells.Add(scope.Keep(cell.Permute([0, 3, 1, 2]).Contiguous()));
        }

        return (Aten.Cat(results), Aten.Cat(cells));
    }

    public static Tensor Backward(Tensor gradient, Tensor argmax, Shape shape, Tensor regions)
    {
        var plane = shape[2] * shape[3];
        var channel = Aten.Arange(shape[1], Dtype.Int64, gradient.Device).Reshape([1, -1, 1, 1]);
        var cell = (regions[.., 0].To(Dtype.Int64).Reshape([-1, 1, 1, 1]) * shape[1] + channel) * plane + argmax;
        var found = argmax >= 0;
        var result = Aten.Zeros([shape[0] * shape[1] * plane], gradient.Dtype, gradient.Device);
        result.IndexPutInPlace([cell[found]], gradient[found], accumulate: true);
        return result.Reshape(shape);
    }

    // First and one past the last cell of every bin, [R, bins, 2], and the most cells of any.
    private static (Tensor Edges, long Most) Edges(Tensor regions, int from, int to, double scale, int bins, long extent)
    {
        // Half away from zero, where ATen rounds half to even.
        Tensor Rounded(Tensor x) => (x.Abs() + 0.5).Floor() * x.Sign();
        var start = Rounded(regions[.., from] * scale).Unsqueeze(1);
        var bin = (Rounded(regions[.., to] * scale).Unsqueeze(1) - start + 1).ClampMin(1) / bins;
        var index = Aten.Arange(bins, regions.Dtype, regions.Device);
        var low = ((index * bin).Floor() + start).Clamp(0, extent).To(Dtype.Int64);
        var high = (((index + 1) * bin).Ceil() + start).Clamp(0, extent).To(Dtype.Int64);
        return (Aten.Stack([low, high], 2), Math.Max(1, (high - low).Max().ToInt64()));
    }

    // The cells [R, bins, most] of every bin, and which of them are in it.
    private static (Tensor Cells, Tensor Inside) Cells((Tensor Edges, long Most) axis, long from, long count)
    {
        var edges = axis.Edges.Narrow(0, from, count);
        var low = edges.Select(2, 0).Unsqueeze(2);
        var high = edges.Select(2, 1).Unsqueeze(2);
        var cells = low + Aten.Arange(axis.Most, Dtype.Int64, edges.Device);
        var inside = cells < high;
        return (cells * inside, inside);
    }
}

using Fovea.Ops.Kernels;
using Fovea.Torch;

namespace Fovea.Ops;

/// <summary>RoIAlign composed from ATen operators, for tensors on a GPU: cells are gathered as rows of channels and weighted.</summary>
internal static class ComposedRoiAlign
{
    public static Tensor Forward(Tensor features, Tensor regions, RoiAlignParameters parameters)
    {
        var shape = features.Shape;
        var cells = GatheredCells.Flatten(features);
        var sampling = new Sampling(regions, shape, parameters);
        var parts = new List<Tensor>();
        foreach (var (from, count) in sampling.Chunks())
        {
            using var scope = new TensorScope();
            var (indices, weights) = sampling.Taps(from, count);
            var values = cells.IndexSelect(0, indices.Reshape([-1])).Reshape([.. indices.Shape, shape[1]]);
            parts.Add(scope.Keep((values * weights).Sum([2, 4]).Permute([0, 3, 1, 2]).Contiguous()));
        }

        return parts.Count > 0 ? Aten.Cat(parts) : Aten.Zeros([0, shape[1], parameters.PooledHeight, parameters.PooledWidth], features.Dtype, features.Device);
    }

    public static Tensor Backward(Tensor gradient, Shape shape, Tensor regions, RoiAlignParameters parameters)
    {
        var cells = Aten.Zeros([shape[0] * shape[2] * shape[3], shape[1]], gradient.Dtype, gradient.Device);
        var sampling = new Sampling(regions, shape, parameters);
        foreach (var (from, count) in sampling.Chunks())
        {
            using var scope = new TensorScope();
            var (indices, weights) = sampling.Taps(from, count);
            var given = gradient.Narrow(0, from, count).Permute([0, 2, 3, 1]).Unsqueeze(2).Unsqueeze(4);
            // Accumulating by index sorts first, so that the sum has one order on every run.
            cells.IndexPutInPlace([indices.Reshape([-1])], (given * weights).Reshape([-1, shape[1]]), accumulate: true);
        }

        return GatheredCells.Restore(cells, shape);
    }

    /// <summary>Which cells every bin of every region reads, and with what weight.</summary>
    private sealed class Sampling
    {
        private readonly Tensor regions;
        private readonly Shape shape;
        private readonly RoiAlignParameters parameters;
        private readonly (Tensor Axis, long Samples) rows;
        private readonly (Tensor Axis, long Samples) columns;

        public Sampling(Tensor regions, Shape shape, RoiAlignParameters parameters)
        {
            this.regions = regions;
            this.shape = shape;
            this.parameters = parameters;
            if (regions.Shape[0] == 0)
                return;
            GatheredCells.CheckImages(regions, shape[0]);
            rows = Axis(2, 4, parameters.PooledHeight);
            columns = Axis(1, 3, parameters.PooledWidth);
        }

        public IEnumerable<(long From, long Count)> Chunks() => GatheredCells.Chunks(
            regions.Shape[0], 4 * rows.Samples * columns.Samples * parameters.PooledHeight * parameters.PooledWidth * shape[1]);

        /// <summary>Indices into the flattened maps, [R, bins down, taps, bins across, taps], and their weights with one more dimension.</summary>
        public (Tensor Indices, Tensor Weights) Taps(long from, long count)
        {
            var (y, yWeights) = AxisTaps(rows, from, count, parameters.PooledHeight, shape[2]);
            var (x, xWeights) = AxisTaps(columns, from, count, parameters.PooledWidth, shape[3]);
            var image = regions.Narrow(0, from, count)[.., 0].To(Dtype.Int64).Reshape([-1, 1, 1, 1, 1]);
            var indices = (image * shape[2] + y.Unsqueeze(3).Unsqueeze(4)) * shape[3] + x.Unsqueeze(1).Unsqueeze(2);
            return (indices, (yWeights.Unsqueeze(3).Unsqueeze(4) * xWeights.Unsqueeze(1).Unsqueeze(2)).Unsqueeze(5));
        }

        // Per region: start, size of a bin, samples per bin, as columns [R, 3]; and the most samples of any.
        private (Tensor Axis, long Samples) Axis(int from, int to, int bins)
        {
            var offset = parameters.Aligned ? 0.5 : 0;
            var start = regions[.., from] * parameters.SpatialScale - offset;
            var size = regions[.., to] * parameters.SpatialScale - offset - start;
            if (!parameters.Aligned)
                size = size.ClampMin(1);
            var bin = size / bins;
            var samples = parameters.SamplingRatio > 0 ? bin.FullLike(parameters.SamplingRatio) : bin.Ceil().ClampMin(0);
            return (Aten.Stack([start, bin, samples], 1), Math.Max(1, samples.Max().ToInt64()));
        }

        // The cells [R, bins, 2 samples] along an axis and their weights; a sample that a region lacks has weight 0.
        private static (Tensor Index, Tensor Weights) AxisTaps((Tensor Axis, long Samples) axis, long from, long regionCount, int bins, long extent)
        {
            var values = axis.Axis.Narrow(0, from, regionCount);
            Tensor Sequence(long count) => Aten.Arange(count, values.Dtype, values.Device);
            var start = values[.., 0].Reshape([-1, 1, 1]);
            var bin = values[.., 1].Reshape([-1, 1, 1]);
            var count = values[.., 2].Reshape([-1, 1, 1]);
            var some = count.ClampMin(1);
            var sample = Sequence(axis.Samples);
            var position = start + Sequence(bins).Unsqueeze(1) * bin + (sample + 0.5) * bin / some;
            var counts = (sample < count) & (position >= -1) & (position <= extent);
            position = position.ClampMin(0);
            var low = position.Floor().To(Dtype.Int64).Clamp(0, extent - 1);
            var high = (low + 1).ClampMax(extent - 1);
            var upper = Aten.Where(low >= extent - 1, 0, position - low);
            var share = counts / some;
            return (Aten.Cat([low, high], 2), Aten.Cat([(1 - upper) * share, upper * share], 2));
        }
    }
}

using Fovea.Imaging;
using Fovea.Metrics;
using Fovea.Tests.Ops;

namespace Fovea.Tests.Metrics;

public class PartitionTests
{
    [Fact]
    public void Six_pixels_by_hand()
    {
        var comparison = PartitionComparison.Of([1, 1, 1, 2, 2, 3], [1, 1, 2, 2, 2, 2]);
        Assert.Equal(8 / 15.0, comparison.RandIndex, 12);
        Assert.Equal(7 / 15.0, comparison.RandError, 12);
        Assert.Equal(10 / 14.0, comparison.RandSplit, 12);
        Assert.Equal(0.5, comparison.RandMerge, 12);
        Assert.Equal(0.588235, comparison.RandF, 6);
        Assert.Equal(0.386253, comparison.InfoF, 6);
    }

    [Fact]
    public void Only_pixels_of_objects_count_and_loose_ones_stand_alone()
    {
        // Two pixels of the second object are found to be boundary: each is an object of its own.
        var comparison = PartitionComparison.Of([1, 1, 0, 2, 2, 2, 0], [5, 5, 5, 7, 0, 0, 9]);
        var same = PartitionComparison.Of([1, 1, 2, 2, 2], [5, 5, 7, 8, 9]);
        Assert.Equal(5, comparison.Pixels);
        foreach (var (a, b) in new[] { (comparison.RandF, same.RandF), (comparison.InfoF, same.InfoF), (comparison.RandIndex, same.RandIndex), (comparison.InfoSplit, same.InfoSplit) })
            Assert.Equal(b, a, 12);
        Assert.Equal(1, PartitionComparison.Of([1, 1, 2], [4, 4, 3]).RandF, 12);
        Assert.Equal(1, PartitionComparison.Of([1, 1, 1], [4, 4, 4]).InfoF, 12);
        Assert.True(double.IsNaN(PartitionComparison.Of([0, 0], [1, 1]).RandF) && double.IsNaN(PartitionComparison.Of([0, 0], [1, 1]).InfoF));
        Assert.Throws<ArgumentException>(() => PartitionComparison.Of([1], [1, 1]));
    }

    [Fact]
    public void Random_divisions_equal_scikit_learn()
    {
        var random = new Random(6);
        var truth = Enumerable.Range(0, 400).Select(i => 1 + i / 80).ToArray();
        var prediction = truth.Select(t => random.Next(4) == 0 ? 1 + random.Next(6) : t).ToArray();
        var comparison = PartitionComparison.Of(truth, prediction);
        var expected = PythonReference.Run(
            """
            from sklearn.metrics import rand_score, homogeneity_completeness_v_measure
            from sklearn.metrics.cluster import contingency_matrix
            c = contingency_matrix(t, p).astype(float); s = (c ** 2).sum()
            h, k, v = homogeneity_completeness_v_measure(t, p)
            out['v'] = np.array([rand_score(t, p), s / (c.sum(1) ** 2).sum(), s / (c.sum(0) ** 2).sum(), k, h, v])
            """, ("t", truth), ("p", prediction)).Doubles("v");
        RandomArrays.AssertClose(expected, [comparison.RandIndex, comparison.RandSplit, comparison.RandMerge, comparison.InfoSplit, comparison.InfoMerge, comparison.InfoF], 1e-10);
    }

    [Fact]
    public void Bending_explains_displaced_borders_but_no_merger_and_no_split()
    {
        // Two cells beside a boundary; the same displaced by a column; with a gap in it; with one cell cut in two.
        byte[] truth = Rows("1110111", "1110111", "1110111", "1110111");
        TopologyWarp Against(params string[] rows) => TopologyWarp.Of(truth, Rows(rows), new ImageSize(4, 7));
        var (same, displaced) = (Against("1110111", "1110111", "1110111", "1110111"), Against("1101111", "1101111", "1101111", "1101111"));
        Assert.Equal((0, 0, 0), (same.Differing, same.Splits, same.Mergers));
        Assert.Equal((0, 0, 0), (displaced.Differing, displaced.Splits, displaced.Mergers));
        var merged = Against("1110111", "1110111", "1111111", "1110111");
        Assert.Equal((1, 0, 1), (merged.Differing, merged.Splits, merged.Mergers));
        var split = Against("1110111", "0000111", "1110111", "1110111");
        Assert.Equal((0, 1), (split.Mergers, split.Splits));
        Assert.Equal(1, split.Differing);
        // A cell that is missing altogether cannot be bent away: one pixel of it must stay.
        var missing = Against("1110000", "1110000", "1110000", "1110000");
        Assert.Equal((1, 0, 0), (missing.Differing, missing.Splits, missing.Mergers));
    }

    [Fact]
    public void The_best_threshold_is_chosen_for_each_figure()
    {
        // At 0.5 the gap in the boundary merges the cells; at 0.7 it is closed.
        var size = new ImageSize(4, 7);
        var truth = new LabelMap(size, Rows("1110111", "1110111", "1110111", "1110111"));
        float[] foreground = [.. truth.Values.Select(value => value == 1 ? 0.9f : 0.2f)];
        foreground[2 * 7 + 3] = 0.65f;
        var evaluator = new MembraneEvaluator([0.5, 0.7]);
        Assert.Equal(1, evaluator.Add(truth, foreground), 12);
        var result = evaluator.Compute();
        // 12 + 12 pixels in one object: Σ p² = 288, Σ s² = 576.
        Assert.Equal(2 / 3.0, result.RandF[0], 12);
        Assert.Equal(1, result.RandF[1], 12);
        Assert.Equal(0, result.Values["rand_error"], 12);
        Assert.Equal(0, result.Values["pixel_error"], 12);
        Assert.Equal([1 / 28.0, 0], result.Warping);
        Assert.Equal((0, 0), (result.Values["splits"], result.Values["mergers"]));
        Assert.Contains("0.7 for rand_error", result.Notes[0], StringComparison.Ordinal);
        Assert.Equal(["rand_error", "pixel_error", "warping_error", "v_rand", "v_info", "v_rand_thinned", "v_info_thinned", "splits", "mergers"], result.Values.Keys);
        Assert.True(double.IsNaN(evaluator.Add(new LabelMap(size, new byte[28]), foreground)));
        Assert.Equal("partition: 1 image has no object in truth and is left out", evaluator.Compute().Notes[1]);
        Assert.Contains("a.png", Assert.Throws<FoveaException>(() => evaluator.Add(truth, [0], "a.png")).Message, StringComparison.Ordinal);
        Assert.Empty(new MembraneEvaluator().Compute().Values);
    }

    [Fact]
    public void A_cell_is_matched_by_what_covers_more_than_half_of_it()
    {
        var evaluator = new CellTrackingEvaluator();
        // The first cell (4 pixels) is covered by 3 of an object of 4: IoU 3/5. Of the second (2 pixels) one half only.
        evaluator.Add([1, 1, 1, 1, 0, 2, 2, 0, 3], [0, 7, 7, 7, 7, 8, 0, 0, 0]);
        Assert.Equal((3, 1), (evaluator.Objects, evaluator.Matched));
        Assert.Equal(0.2, evaluator.Seg, 12);
        var masks = new CellTrackingEvaluator();
        var size = new ImageSize(1, 9);
        RunLengthMask Mask(params int[] pixels) => RunLengthMask.FromBitmap([.. Enumerable.Range(0, 9).Select(i => pixels.Contains(i) ? (byte)1 : (byte)0)], size);
        masks.Add([Mask(0, 1, 2, 3), Mask(5, 6), Mask(8)], [Mask(1, 2, 3, 4), Mask(5)]);
        Assert.Equal((evaluator.Objects, evaluator.Matched, evaluator.Seg), (masks.Objects, masks.Matched, masks.Seg));
        Assert.True(double.IsNaN(new CellTrackingEvaluator().Seg));
    }

    private static byte[] Rows(params string[] rows) => [.. rows.SelectMany(row => row).Select(pixel => (byte)(pixel - '0'))];
}

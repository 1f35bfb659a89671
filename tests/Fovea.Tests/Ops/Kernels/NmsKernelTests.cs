using Fovea.Ops.Kernels;

namespace Fovea.Tests.Ops.Kernels;

public class NmsKernelTests
{
    [Theory]
    [InlineData(1, 0.5)]
    [InlineData(50, 0.5)]
    [InlineData(1000, 0.3)]
    [InlineData(1000, 0.7)]
    [InlineData(3000, 0.0)]
    [InlineData(3000, 0.9)]
    [InlineData(3000, 1.0)]
    public void Kept_boxes_equal_torchvision(int n, double threshold)
    {
        var (boxes, scores) = (RandomArrays.Boxes(n, n), RandomArrays.Scores(n, 8));
        var expected = PythonReference.Run("import torchvision; out['keep'] = torchvision.ops.nms(T(b), T(s), t.item())",
            ("b", new NdArray(boxes, n, 4)), ("s", scores), ("t", new[] { threshold }));
        Assert.Equal(expected.Longs("keep"), ToLong(NmsKernel.Run<float>(boxes, scores, threshold)));
        Assert.Equal(expected.Longs("keep"), ToLong(NmsKernel.Run<double>(RandomArrays.Double(boxes), RandomArrays.Double(scores), threshold)));
    }

    [Theory]
    [InlineData(300, 5)]
    [InlineData(4000, 80)]
    public void Kept_boxes_by_class_equal_torchvision(int n, int classes)
    {
        var (boxes, scores) = (RandomArrays.Boxes(n, n), RandomArrays.Scores(n, 9));
        var random = new Random(10);
        var labels = Enumerable.Range(0, n).Select(_ => (long)random.Next(classes)).ToArray();
        var expected = PythonReference.Run("import torchvision; out['keep'] = torchvision.ops.batched_nms(T(b), T(s), T(c), 0.5)",
            ("b", new NdArray(boxes, n, 4)), ("s", scores), ("c", labels)).Longs("keep");
        Assert.Equal(expected, ToLong(NmsKernel.RunByClass<float>(boxes, scores, labels, 0.5)));
        Assert.Equal(expected[..17], ToLong(NmsKernel.RunByClass<float>(boxes, scores, labels, 0.5, 17)));
    }

    [Fact]
    public void A_limit_keeps_the_best()
    {
        var (boxes, scores) = (RandomArrays.Boxes(2000, 1), RandomArrays.Scores(2000, 2));
        var all = NmsKernel.Run<float>(boxes, scores, 0.5);
        Assert.Equal(all[..100], NmsKernel.Run<float>(boxes, scores, 0.5, 100));
    }

    [Fact]
    public void An_overlap_equal_to_the_threshold_survives_and_equal_scores_keep_their_order()
    {
        // IoU of the first two is exactly 1/2.
        float[] boxes = [0, 0, 2, 1, 0, 0, 1, 1, 0, 0, 2, 1];
        float[] scores = [0.5f, 0.5f, 0.5f];
        Assert.Equal([0, 1], NmsKernel.Run<float>(boxes, scores, 0.5));
        Assert.Equal([0], NmsKernel.Run<float>(boxes, scores, 0.4999));
        Assert.Equal([0, 1, 2], NmsKernel.RunByClass<float>(boxes, scores, [7, -3, 9], 0.1));
    }

    [Fact]
    public void No_boxes_keep_nothing()
    {
        Assert.Empty(NmsKernel.Run<float>([], [], 0.5));
        Assert.Empty(NmsKernel.RunByClass<float>([], [], [], 0.5));
    }

    [Theory]
    [InlineData(10)]
    [InlineData(5000)]
    public void Scores_sort_from_best_to_worst_and_stably(int n)
    {
        var random = new Random(3);
        var scores = Enumerable.Range(0, n).Select(_ => MathF.Round((float)(random.NextDouble() * 40 - 20)) / 4).ToArray();
        scores[0] = float.PositiveInfinity;
        scores[1] = float.NegativeInfinity;
        scores[2] = -0f;
        scores[3] = 0f;
        scores[4] = float.NaN;
        int[] expected = [.. Enumerable.Range(0, n).OrderByDescending(i => float.IsNaN(scores[i]) ? double.NegativeInfinity : scores[i])];
        expected = [.. expected.Where(i => i != 4), 4];
        Assert.Equal(expected, ScoreOrder.Descending<float>(scores));
        Assert.Equal(expected, ScoreOrder.Descending<double>(RandomArrays.Double(scores)));
    }

    private static long[] ToLong(int[] indices) => Array.ConvertAll(indices, index => (long)index);
}

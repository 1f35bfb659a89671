using Fovea.Metrics;
using Fovea.Tests.Ops;

namespace Fovea.Tests.Metrics;

public class ClassificationEvaluatorTests
{
    [Fact]
    public void Hand_calculated_figures()
    {
        // Truth a a a b b c; called a a b b c a.
        var evaluator = new ClassificationEvaluator(new LabelSpace(["a", "b", "c"]));
        int[] truth = [0, 0, 0, 1, 1, 2], called = [0, 0, 1, 1, 2, 0];
        for (var i = 0; i < truth.Length; i++)
            Assert.Equal(called[i], evaluator.Add(truth[i], [.. Enumerable.Range(0, 3).Select(k => k == called[i] ? 0.8f : 0.1f)]));
        var result = evaluator.Compute();
        Assert.Equal([[2, 1, 0], [0, 1, 1], [1, 0, 0]], result.Confusion.ToRows());
        Assert.Equal(0.5, result.Top1, 12);
        Assert.Equal([2 / 3.0, 0.5, 0], result.PerClass.Select(score => score.Precision));
        Assert.Equal([2 / 3.0, 0.5, 0], result.PerClass.Select(score => score.Recall));
        Assert.Equal([2 / 3.0, 0.5, 0], result.PerClass.Select(score => score.F1));
        Assert.Equal([2 / 3.0, 3 / 4.0, 4 / 5.0], result.PerClass.Select(score => score.Specificity));
        Assert.Equal(7 / 18.0, result.Macro.F1, 12);
        Assert.Equal((3 * 2 / 3.0 + 2 * 0.5) / 6, result.Weighted.Precision, 12);
        Assert.Equal(0.5, result.Micro.F1, 12);
        Assert.Equal(["top1", "precision", "recall", "f1"], result.Values.Keys);
        Assert.Empty(result.Notes);
    }

    [Fact]
    public void Random_scores_equal_numpy()
    {
        const int n = 500, classes = 9;
        var random = new Random(1);
        var scores = RandomArrays.Normal(n * classes, 2);
        var truth = Enumerable.Range(0, n).Select(_ => random.Next(classes - 1)).ToArray();
        var evaluator = new ClassificationEvaluator(new LabelSpace(Enumerable.Range(0, classes).Select(i => $"c{i}")));
        for (var i = 0; i < n; i++)
            evaluator.Add(truth[i], scores.AsSpan(i * classes, classes));
        var result = evaluator.Compute();
        var expected = PythonReference.Run(
            """
            order = np.argsort(-s, 1, kind='stable'); n = s.shape[1]
            out['top1'] = np.mean(order[:, 0] == t); out['top5'] = np.mean((order[:, :5] == t[:, None]).any(1))
            c = np.zeros((n, n), np.int64); np.add.at(c, (t, order[:, 0]), 1); out['c'] = c
            tp = np.diag(c).astype(float); p = tp / c.sum(0); r = np.where(c.sum(1) > 0, tp / np.maximum(c.sum(1), 1), 0); f = 2 * tp / (c.sum(0) + c.sum(1))
            out['macro'] = np.array([p.mean(), r.mean(), f.mean()]); w = c.sum(1) / c.sum(); out['weighted'] = np.array([(p * w).sum(), (r * w).sum(), (f * w).sum()])
            """, ("s", new NdArray(scores, n, classes)), ("t", truth));
        Assert.Equal(expected.Doubles("top1")[0], result.Top1, 12);
        Assert.Equal(expected.Doubles("top5")[0], result.Values["top5"], 12);
        Assert.Equal(expected.Longs("c"), result.Confusion.ToRows().SelectMany(row => row));
        RandomArrays.AssertClose(expected.Doubles("macro"), [result.Macro.Precision, result.Macro.Recall, result.Macro.F1], 1e-12);
        RandomArrays.AssertClose(expected.Doubles("weighted"), [result.Weighted.Precision, result.Weighted.Recall, result.Weighted.F1], 1e-12);
        Assert.Equal("'c8' does not occur; what is 0/0 counts as 0", Assert.Single(result.Notes));
    }

    [Fact]
    public void A_tie_does_not_make_an_untrained_network_right()
    {
        var evaluator = new ClassificationEvaluator(new LabelSpace(Enumerable.Range(0, 10).Select(i => $"c{i}")));
        for (var truth = 0; truth < 10; truth++)
            evaluator.Add(truth, new float[10]);
        Assert.Equal(0.1, evaluator.Compute().Top1, 12);
        Assert.Equal(0.5, evaluator.Compute().Top5, 12);
    }

    [Fact]
    public void Wrong_input_is_refused_with_the_name_of_the_image()
    {
        var evaluator = new ClassificationEvaluator(new LabelSpace(["cat", "dog"]));
        Assert.Throws<FoveaException>(() => evaluator.Compute());
        Assert.Equal("x.png: found true class 2, expected 0 to 1", Assert.Throws<FoveaException>(() => evaluator.Add(2, [0, 1], "x.png")).Message);
        Assert.Throws<FoveaException>(() => evaluator.Add(0, [0, 1, 2]));
        Assert.Contains("'dog'", Assert.Throws<FoveaException>(() => evaluator.Add(0, [0, float.NaN])).Message, StringComparison.Ordinal);
        Assert.Equal(0, evaluator.Count);
    }
}

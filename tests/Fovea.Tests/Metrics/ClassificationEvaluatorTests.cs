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
        Assert.Equal(["top1", "precision", "recall", "f1", "specificity", "precision_weighted", "f1_weighted"], result.Values.Keys);
        Assert.Equal((2 / 3.0 + 3 / 4.0 + 4 / 5.0) / 3, result.Macro.Specificity, 12);
        // Six images against two other classes each: three false alarms in twelve.
        Assert.Equal(0.75, result.Micro.Specificity, 12);
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
        Assert.Equal(0.5, evaluator.Compute().Best[5], 12);
    }

    [Fact]
    public void Any_k_and_no_k_above_the_number_of_classes()
    {
        var labels = new LabelSpace(["a", "b", "c"]);
        var evaluator = new ClassificationEvaluator(labels, [2, 3]);
        evaluator.Add(0, [3, 2, 1]);
        evaluator.Add(0, [2, 3, 1]);
        evaluator.Add(0, [1, 3, 2]);
        evaluator.Add(1, [1, 3, 2]);
        Assert.Equal([("top1", 0.5), ("top2", 0.75), ("top3", 1)], evaluator.Compute().Values.Take(3).Select(v => (v.Key, v.Value)));
        Assert.Equal("top-k: found k = 4, expected 1 to 3, the number of classes", Assert.Throws<FoveaException>(() => new ClassificationEvaluator(labels, [4])).Message);
        Assert.Throws<FoveaException>(() => new ClassificationEvaluator(labels, [0]));
    }

    [Fact]
    public void Figures_equal_scikit_learn()
    {
        const int n = 300, classes = 6;
        var random = new Random(4);
        var scores = RandomArrays.Normal(n * classes, 5);
        var truth = Enumerable.Range(0, n).Select(_ => random.Next(classes)).ToArray();
        for (var i = 0; i < n; i++)
            scores[i * classes + truth[i]] += 1;
        var evaluator = new ClassificationEvaluator(new LabelSpace(["a", "b", "c", "d", "e", "f"]), [2, 3]);
        for (var i = 0; i < n; i++)
            evaluator.Add(truth[i], scores.AsSpan(i * classes, classes));
        var result = evaluator.Compute();
        var expected = PythonReference.Run(
            """
            from sklearn.metrics import precision_recall_fscore_support as prf, confusion_matrix, top_k_accuracy_score as topk, multilabel_confusion_matrix
            p = s.argmax(1); out['c'] = confusion_matrix(t, p)
            m = multilabel_confusion_matrix(t, p); spec = m[:, 0, 0] / m[:, 0].sum(1)
            out['v'] = np.array([topk(t, s, k=1), topk(t, s, k=2), topk(t, s, k=3), *prf(t, p, average='macro')[:3], spec.mean(), *np.array(prf(t, p, average='weighted')[:3])[[0, 2]]])
            out['micro'] = np.array([*prf(t, p, average='micro')[:3], m[:, 0, 0].sum() / m[:, 0].sum()])
            """, ("s", new NdArray(scores, n, classes)), ("t", truth));
        Assert.Equal(expected.Longs("c"), result.Confusion.ToRows().SelectMany(row => row));
        RandomArrays.AssertClose(expected.Doubles("v"), [.. result.Values.Values], 1e-12);
        RandomArrays.AssertClose(expected.Doubles("micro"), [result.Micro.Precision, result.Micro.Recall, result.Micro.F1, result.Micro.Specificity], 1e-12);
    }

    [Fact]
    public void Intervals_are_those_of_a_binomial_and_the_same_again()
    {
        var evaluator = new ClassificationEvaluator(new LabelSpace(["a", "b"]));
        for (var i = 0; i < 400; i++)
            evaluator.Add(i % 2, i % 5 == 0 ? [i % 2, 1 - i % 2] : [1 - i % 2, i % 2]);
        var intervals = evaluator.Intervals();
        // 80 % of 400 right: a standard error of 0.02, so 95 % lie within 0.0392.
        Assert.Equal(0.8, evaluator.Compute().Top1, 12);
        Assert.InRange(intervals["top1"].Low, 0.75, 0.77);
        Assert.InRange(intervals["top1"].High, 0.83, 0.85);
        Assert.Equal(evaluator.Compute().Values.Keys, intervals.Keys);
        Assert.Equal(intervals, evaluator.Intervals());
        Assert.NotEqual(intervals, evaluator.Intervals(seed: 1));
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

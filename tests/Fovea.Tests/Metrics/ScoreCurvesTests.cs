using Fovea.Metrics;
using Fovea.Tests.Ops;

namespace Fovea.Tests.Metrics;

public class ScoreCurvesTests
{
    [Fact]
    public void Hand_calculated_curves()
    {
        // Yes at 0.9 and 0.6, no at 0.8 and 0.3: three of the four pairs are in order.
        var curves = ScoreCurves.Of([0.9f, 0.8f, 0.6f, 0.3f], [true, false, true, false]);
        Assert.Equal(0.75, curves.Auc, 12);
        Assert.Equal(0.5 * 1 + 0.5 * 2 / 3, curves.AveragePrecision, 12);
        Assert.Equal(0.5 * 1 + 0.5 * 2 / 3, curves.AveragePrecisionBy(AveragePrecisionRule.Area), 12);
        Assert.Equal((6 + 5 * 2 / 3.0) / 11, curves.AveragePrecisionBy(AveragePrecisionRule.ElevenPoint), 12);
        Assert.Equal((0.6f, 0.8), (curves.Best.Threshold, Math.Round(curves.Best.F1, 12)));
        Assert.Equal([(0, 0), (0, 0.5), (0.5, 0.5), (0.5, 1), (1, 1)], curves.Roc());
        Assert.Equal([1, 1, 0.5, 2 / 3.0, 0.5], curves.PrecisionRecall().Select(point => point.Precision));
    }

    [Fact]
    public void Ties_are_one_threshold_in_any_order()
    {
        Assert.Equal(0.5, ScoreCurves.Of([1, 1, 1, 1], [true, false, false, true]).Auc, 12);
        Assert.Equal(0.5, ScoreCurves.Of([1, 1, 1, 1], [true, false, false, true]).AveragePrecision, 12);
        var curves = ScoreCurves.Of([2, 1, 1], [false, true, false]);
        Assert.Equal(0.25, curves.Auc, 12);
        Assert.Equal(curves.AveragePrecision, ScoreCurves.Of([2, 1, 1], [false, false, true]).AveragePrecision, 12);
        Assert.Equal([2f, 1f], curves.Thresholds);
    }

    [Fact]
    public void The_area_is_the_rank_test_and_changes_with_the_order_alone()
    {
        var (scores, truth) = Random(80, 1);
        var wins = 0.0;
        foreach (var (a, yes) in scores.Zip(truth).Where(pair => pair.Second))
        {
            foreach (var (b, no) in scores.Zip(truth).Where(pair => !pair.Second))
                wins += a > b ? 1 : a == b ? 0.5 : 0;
        }

        var auc = ScoreCurves.Of(scores, truth).Auc;
        Assert.Equal(wins / ((double)truth.Count(t => t) * truth.Count(t => !t)), auc, 12);
        Assert.Equal(auc, ScoreCurves.Of([.. scores.Select(s => MathF.Exp(s))], truth).Auc, 12);
        Assert.Equal(1 - auc, ScoreCurves.Of([.. scores.Select(s => -s)], truth).Auc, 12);
    }

    [Theory]
    [InlineData(60, 1)]
    [InlineData(2000, 2)]
    public void Curves_equal_scikit_learn(int count, int seed)
    {
        var (scores, truth) = Random(count, seed);
        var curves = ScoreCurves.Of(scores, truth);
        var expected = PythonReference.Run(
            """
            from sklearn.metrics import roc_auc_score, average_precision_score, roc_curve, precision_recall_curve
            out['v'] = np.array([roc_auc_score(t, s), average_precision_score(t, s)])
            f, r, _ = roc_curve(t, s, drop_intermediate=False); out['roc'] = np.stack([f, r], 1)
            p, r, h = precision_recall_curve(t, s); out['p'] = p[::-1][1:]; out['r'] = r[::-1][1:]
            f1 = 2 * p * r / np.maximum(p + r, 1e-12); k = len(h) - 1 - f1[:-1][::-1].argmax(); out['best'] = np.array([h[k], f1[k]])
            """, ("s", scores), ("t", truth));
        RandomArrays.AssertClose(expected.Doubles("v"), [curves.Auc, curves.AveragePrecision], 1e-12);
        RandomArrays.AssertClose(expected.Doubles("roc"), [.. curves.Roc().SelectMany(point => new[] { point.FalsePositiveRate, point.TruePositiveRate })], 1e-12);
        RandomArrays.AssertClose(expected.Doubles("p"), [.. curves.PrecisionRecall().Skip(1).Take(expected.Doubles("p").Length).Select(point => point.Precision)], 1e-12);
        RandomArrays.AssertClose(expected.Doubles("r"), [.. curves.PrecisionRecall().Skip(1).Take(expected.Doubles("r").Length).Select(point => point.Recall)], 1e-12);
        RandomArrays.AssertClose(expected.Doubles("best"), [curves.Best.Threshold, curves.Best.F1], 1e-6);
    }

    [Fact]
    public void Without_a_yes_there_is_nothing_to_find()
    {
        var curves = ScoreCurves.Of([1, 2], [false, false]);
        Assert.True(double.IsNaN(curves.Auc) && double.IsNaN(curves.AveragePrecision) && double.IsNaN(curves.Best.F1) && double.IsNaN(curves.AveragePrecisionBy(AveragePrecisionRule.Area)));
        Assert.True(double.IsNaN(ScoreCurves.Of([1, 2], [true, true]).Auc));
        Assert.Throws<ArgumentException>(() => ScoreCurves.Of([float.NaN], [true]));
        Assert.Throws<ArgumentException>(() => ScoreCurves.Of([1], [true, false]));
    }

    [Fact]
    public void Classes_against_all_others_equal_scikit_learn()
    {
        const int n = 200, classes = 4;
        var random = new Random(7);
        var scores = new float[n * classes];
        var truth = new int[n];
        var evaluator = new RankingEvaluator(new LabelSpace(["a", "b", "c", "d"]));
        for (var i = 0; i < n; i++)
        {
            truth[i] = random.Next(classes) is var label && label == 3 && i % 2 == 0 ? 0 : label;
            var row = scores.AsSpan(i * classes, classes);
            for (var k = 0; k < classes; k++)
                row[k] = (float)random.NextDouble() + (k == truth[i] ? 0.4f : 0);
            evaluator.Add(truth[i], row);
        }

        var result = evaluator.Compute();
        var expected = PythonReference.Run(
            """
            from sklearn.metrics import roc_auc_score, average_precision_score
            h = np.eye(4)[t]
            out['v'] = np.array([roc_auc_score(h, s, average='macro'), roc_auc_score(h, s, average='weighted'), roc_auc_score(h, s, average='micro'),
                average_precision_score(h, s, average='macro'), average_precision_score(h, s, average='weighted'), average_precision_score(h, s, average='micro')])
            """, ("s", new NdArray(scores, n, classes)), ("t", truth)).Doubles("v");
        RandomArrays.AssertClose(expected,
            [result.MacroAuc, result.WeightedAuc, result.Micro.Auc, result.MacroAveragePrecision, result.WeightedAveragePrecision, result.Micro.AveragePrecision], 1e-12);
        Assert.Empty(result.Notes);
    }

    [Fact]
    public void A_class_that_does_not_occur_is_left_out_and_said()
    {
        var evaluator = new RankingEvaluator(new LabelSpace(["a", "b", "c"]));
        Assert.Throws<FoveaException>(() => evaluator.Compute());
        evaluator.Add(0, [0.8f, 0.1f, 0.1f]);
        evaluator.Add(1, [0.3f, 0.6f, 0.1f]);
        Assert.Equal(1, evaluator.Compute().MacroAuc, 12);
        Assert.Equal("'c' does not occur: it has no AUC and is left out of the mean", Assert.Single(evaluator.Compute().Notes));
        Assert.Throws<FoveaException>(() => evaluator.Add(3, [1, 1, 1]));
        Assert.Throws<FoveaException>(() => evaluator.Add(0, [1, 1, float.NaN]));
    }

    // Scores of few values, so that ties occur.
    private static (float[] Scores, bool[] Truth) Random(int count, int seed)
    {
        var random = new Random(seed);
        var truth = Enumerable.Range(0, count).Select(_ => random.Next(3) == 0).ToArray();
        return ([.. truth.Select(yes => random.Next(40) / 40f + (yes ? 0.25f : 0))], truth);
    }
}

using Fovea.Metrics;
using Fovea.Tests.Ops;

namespace Fovea.Tests.Metrics;

public class CalibrationTests
{
    [Fact]
    public void Hand_calculated_gaps()
    {
        var calibration = new Calibration(bins: 10);
        foreach (var (probability, isRight) in new[] { (0.9, true), (0.85, false), (0.55, true), (0.55, true) })
            calibration.Add(probability, isRight);
        // 0.9 ends its bin: (0.8, 0.9] holds 0.9 and 0.85, right half the time; (0.5, 0.6] holds 0.55 twice, always right.
        Assert.Equal((2 * 0.375 + 2 * 0.45) / 4, calibration.ExpectedError, 12);
        Assert.Equal(0.45, calibration.MaximumError, 12);
        Assert.Equal(2, calibration.Bins[8].Count);
        Assert.Equal((0.875, 0.5), (calibration.Bins[8].Confidence!.Value, calibration.Bins[8].Accuracy!.Value));
        Assert.Null(calibration.Bins[0].Accuracy);
        Assert.True(double.IsNaN(new Calibration().ExpectedError));
        Assert.Throws<FoveaException>(() => calibration.Add(1.5, true));
        Assert.Throws<FoveaException>(() => calibration.Add(double.NaN, true));
    }

    [Fact]
    public void Bins_equal_scikit_learn()
    {
        var random = new Random(3);
        var probability = Enumerable.Range(0, 500).Select(_ => random.NextDouble()).ToArray();
        var isRight = probability.Select(p => random.NextDouble() < p * 0.8 + 0.1).ToArray();
        var calibration = new Calibration(12);
        for (var i = 0; i < probability.Length; i++)
            calibration.Add(probability[i], isRight[i]);
        var expected = PythonReference.Run(
            """
            from sklearn.calibration import calibration_curve
            a, c = calibration_curve(r, p, n_bins=12); out['a'] = a; out['c'] = c
            n = np.histogram(p, np.linspace(0, 1, 13))[0]; out['e'] = np.array([(n / n.sum() * abs(a - c)).sum(), abs(a - c).max()])
            """, ("p", probability), ("r", isRight));
        RandomArrays.AssertClose(expected.Doubles("a"), [.. calibration.Bins.Select(bin => bin.Accuracy!.Value)], 1e-12);
        RandomArrays.AssertClose(expected.Doubles("c"), [.. calibration.Bins.Select(bin => bin.Confidence!.Value)], 1e-12);
        RandomArrays.AssertClose(expected.Doubles("e"), [calibration.ExpectedError, calibration.MaximumError], 1e-12);
    }

    [Fact]
    public void The_interval_of_a_mean_is_that_of_the_normal_law()
    {
        var random = new Random(9);
        var values = Enumerable.Range(0, 500).Select(_ => random.NextDouble()).ToArray();
        var interval = Bootstrap.Intervals(values.Length, drawn => [drawn.Average(i => values[i]), double.NaN], draws: 2000)[0]!;
        var (mean, error) = (values.Average(), Math.Sqrt(values.Sum(v => Math.Pow(v - values.Average(), 2))) / values.Length);
        Assert.Equal(mean - 1.96 * error, interval.Low, 0.1 * error * 2);
        Assert.Equal(mean + 1.96 * error, interval.High, 0.1 * error * 2);
        Assert.Null(Bootstrap.Intervals(3, _ => [double.NaN])[0]);
    }

    [Fact]
    public void Several_labels_of_an_image_equal_scikit_learn()
    {
        const int n = 60, labels = 5;
        var random = new Random(2);
        var scores = Enumerable.Range(0, n * labels).Select(_ => (float)random.NextDouble()).ToArray();
        // Label 4 never occurs; some images have none at all.
        var truth = Enumerable.Range(0, n * labels).Select(i => i % labels != 4 && i / labels % 7 != 0 && random.Next(3) == 0).ToArray();
        var evaluator = new MultiLabelEvaluator(new LabelSpace(["a", "b", "c", "d", "e"]), threshold: 0.6f);
        for (var i = 0; i < n; i++)
            evaluator.Add(truth.AsSpan(i * labels, labels), scores.AsSpan(i * labels, labels));
        var result = evaluator.Compute();
        var expected = PythonReference.Run(
            """
            from sklearn.metrics import precision_recall_fscore_support as prf, accuracy_score, hamming_loss, average_precision_score
            p = s >= 0.6
            for a in ('macro', 'micro', 'weighted', 'samples'): out[a] = np.array(prf(t, p, average=a, zero_division=0)[:3])
            out['v'] = np.array([accuracy_score(t, p), hamming_loss(t, p), average_precision_score(t[:, :4], s[:, :4])])
            """, ("s", new NdArray(scores, n, labels)), ("t", new NdArray(truth, n, labels)));
        foreach (var (name, average) in new[] { ("macro", result.Macro), ("micro", result.Micro), ("weighted", result.Weighted), ("samples", result.Samples) })
            RandomArrays.AssertClose(expected.Doubles(name), [average.Precision, average.Recall, average.F1], 1e-12);
        RandomArrays.AssertClose(expected.Doubles("v"), [result.ExactMatch, result.HammingLoss, result.MeanAveragePrecision], 1e-12);
        Assert.Equal("was never predicted", new ClassScore("x", new BinaryOverlap(0, 0, 1, 0), 1).Remark);
        Assert.Throws<FoveaException>(() => evaluator.Add([true], [1f]));
        Assert.Throws<FoveaException>(() => new MultiLabelEvaluator(new LabelSpace(["a"])).Compute());
    }
}

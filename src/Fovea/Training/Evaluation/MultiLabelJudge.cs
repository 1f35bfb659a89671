using Fovea.Metrics;

namespace Fovea.Training;

/// <summary>What a network answers for each class by itself, how its scores rank, and how sure it rightly is.</summary>
internal sealed class MultiLabelJudge(LabelSpace labels, EvaluationSection options) : TaskJudge
{
    // Every draw goes through all answers again: of large sets fewer draws tell as much and take seconds.
    private const int Answers = 200_000_000, FewestDraws = 100, MostDraws = 1000;

    private readonly MultiLabelEvaluator evaluator = new(labels, (float)options.Threshold);
    private readonly Calibration calibration = new();

    /// <returns>The mean of the probabilities of what is true, of the labels that are and of those that are not, each half.</returns>
    public override double Add(Sample truth, Prediction prediction)
    {
        var shown = truth.Annotation.PresentLabels ?? throw new FoveaException($"{truth.ImagePath}: found no classes, expected a list of them, which may be empty");
        var (probabilities, truths) = (prediction.Probabilities!, new bool[labels.Count]);
        foreach (var label in shown)
            truths[label] = true;
        evaluator.Add(truths, probabilities, truth.ImagePath);
        for (var i = 0; i < truths.Length; i++)
            calibration.Add(probabilities[i], truths[i]);
        double[] halves =
        [
            .. truths.Zip(probabilities, static (isTrue, p) => (isTrue, Right: isTrue ? p : 1.0 - p)).GroupBy(static pair => pair.isTrue).Select(static half => half.Average(static pair => pair.Right)),
        ];
        return halves.Average();
    }

    public override Evaluation Conclude()
    {
        var result = evaluator.Compute();
        var metrics = new OrderedDictionary<string, double>(result.Values, StringComparer.Ordinal) { ["ece"] = calibration.ExpectedError, ["mce"] = calibration.MaximumError };
        var table = new MetricTable(["images", "precision", "recall", "specificity", "F1", "AUC", "AP", "best F1", "at score"], [.. result.PerLabel.Select((score, i) =>
            new MetricRow(score.Name, [score.Support, score.Precision, score.Recall, score.Specificity, score.F1, .. Ranked(result.Curves[i])]))]);
        return Of(ModelTask.MultiLabel, metrics, table, null, [.. Notes(result)]) with
        {
            Intervals = evaluator.Intervals(Math.Clamp(Answers / (evaluator.Count * labels.Count), FewestDraws, MostDraws)),
            Curves = ClassCurves.Of(labels, result.Ranking),
            Reliability = calibration.Bins,
        };
    }

    private IEnumerable<string> Notes(MultiLabelResult result)
    {
        if (options.Threshold != new EvaluationSection().Threshold)
            yield return FormattableString.Invariant($"a class is answered yes from a probability of {options.Threshold} on");
        foreach (var score in result.PerLabel.Where(static score => score.Remark.Length > 0))
            yield return $"'{score.Name}' {score.Remark}; what is 0/0 counts as 0";
        foreach (var note in result.Ranking.Notes)
            yield return note;
        if (result.ImagesWithoutLabels > 0)
            yield return $"{Counted.Of(result.ImagesWithoutLabels, "image has no class in truth or answer and counts", "images have no class in truth or answer and count")} as 0 in f1_samples";
    }
}

using Fovea.Metrics;

namespace Fovea.Training;

/// <summary>What a classification says best, how its scores rank, and how sure it rightly is.</summary>
internal sealed class ClassificationJudge(LabelSpace labels, EvaluationSection options) : TaskJudge
{
    private readonly ClassificationEvaluator evaluator = new(labels, options.TopK);
    private readonly RankingEvaluator ranking = new(labels);
    private readonly Calibration calibration = new();

    public override double Add(Sample truth, Prediction prediction)
    {
        var label = truth.Annotation.Label ?? throw new FoveaException($"{truth.ImagePath}: found no class, expected one of {labels.Count}");
        var probabilities = prediction.Probabilities!;
        var called = evaluator.Add(label, probabilities, truth.ImagePath);
        ranking.Add(label, probabilities);
        calibration.Add(probabilities[called], called == label);
        return probabilities[label];
    }

    public override Evaluation Conclude()
    {
        var (result, ranks) = (evaluator.Compute(), ranking.Compute());
        var metrics = new OrderedDictionary<string, double>(result.Values, StringComparer.Ordinal);
        if (!double.IsNaN(ranks.MacroAuc))
            metrics["auc"] = ranks.MacroAuc;
        metrics["ap"] = ranks.MacroAveragePrecision;
        metrics["ece"] = calibration.ExpectedError;
        metrics["mce"] = calibration.MaximumError;
        var table = new MetricTable(["images", "precision", "recall", "specificity", "F1", "AUC", "AP", "best F1", "at score"], [.. result.PerClass.Select((score, i) =>
            new MetricRow(score.Name, [score.Support, score.Precision, score.Recall, score.Specificity, score.F1, .. Ranked(ranks.PerClass[i])]))]);
        return Of(ModelTask.Classification, metrics, table, new ConfusionTable(labels.Names, result.Confusion.ToRows(), "images"), [.. result.Notes, .. ranks.Notes]) with
        {
            Intervals = evaluator.Intervals(),
            Curves = ClassCurves.Of(labels, ranks),
            Reliability = calibration.Bins,
        };
    }
}

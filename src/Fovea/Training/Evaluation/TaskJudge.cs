using Fovea.Metrics;

namespace Fovea.Training;

/// <summary>Gathers predictions beside the truth and turns them into the figures of a task.</summary>
internal abstract class TaskJudge
{
    /// <summary>The judge of a task.</summary>
    public static TaskJudge For(ModelTask task, LabelSpace labels) => task switch
    {
        ModelTask.Classification => new ClassificationJudge(labels),
        ModelTask.Semantic => new SemanticJudge(labels),
        _ => new DetectionJudge(labels, task == ModelTask.Instance),
    };

    /// <summary>Takes an image in.</summary>
    /// <returns>How good the prediction is, 0 to 1, to find the worst.</returns>
    public abstract double Add(Sample truth, Prediction prediction);

    /// <summary>The figures over all images.</summary>
    public abstract Evaluation Conclude();

    /// <summary>Figures, classes and notes as an evaluation whose frame is filled in by the evaluator.</summary>
    protected static Evaluation Of(ModelTask task, IReadOnlyDictionary<string, double> metrics, MetricTable perClass, ConfusionTable confusion, IReadOnlyList<string> notes) => new()
    {
        Task = task,
        Data = "",
        Images = 0,
        Metrics = metrics,
        PerClass = perClass,
        Confusion = confusion,
        Notes = notes,
    };

    private sealed class ClassificationJudge(LabelSpace labels) : TaskJudge
    {
        private readonly ClassificationEvaluator evaluator = new(labels);

        public override double Add(Sample truth, Prediction prediction)
        {
            var label = truth.Annotation.Label ?? throw new FoveaException($"{truth.ImagePath}: found no class, expected one of {labels.Count}");
            evaluator.Add(label, prediction.Probabilities!, truth.ImagePath);
            return prediction.Probabilities![label];
        }

        public override Evaluation Conclude()
        {
            var result = evaluator.Compute();
            var table = new MetricTable(["images", "precision", "recall", "F1"],
                [.. result.PerClass.Select(static score => new MetricRow(score.Name, [score.Support, score.Precision, score.Recall, score.F1]))]);
            return Of(ModelTask.Classification, result.Values, table, new ConfusionTable(labels.Names, result.Confusion.ToRows(), "images"), result.Notes);
        }
    }

    private sealed class SemanticJudge(LabelSpace labels) : TaskJudge
    {
        private readonly SegmentationEvaluator evaluator = new(labels);

        public override double Add(Sample truth, Prediction prediction)
        {
            var map = truth.Annotation.Map ?? throw new FoveaException($"{truth.ImagePath}: found no label map, expected one");
            var own = evaluator.Add(map, prediction.Map!, truth.ImagePath);
            var present = Enumerable.Range(0, labels.Count).Where(i => own.Support(i) > 0).ToList();
            return present.Count == 0 ? 1 : present.Average(i => own.Of(i).IoU);
        }

        public override Evaluation Conclude()
        {
            var result = evaluator.Compute();
            var table = new MetricTable(["IoU", "Dice", "accuracy", "pixels"],
                [.. result.PerClass.Select(static score => new MetricRow(score.Name, [Known(score.IoU), Known(score.Dice), Known(score.Accuracy), score.Support]))]);
            return Of(ModelTask.Semantic, result.Values, table, new ConfusionTable(labels.Names, result.Confusion.ToRows(), "pixels"), result.Notes);
        }

        private static double? Known(double value) => double.IsNaN(value) ? null : value;
    }
}

using Fovea.Metrics;
using Fovea.Training.Recipes;

namespace Fovea.Training;

/// <summary>Gathers predictions beside the truth and turns them into the figures of a task.</summary>
internal abstract class TaskJudge
{
    /// <summary>Whether predictions must hold the probability of every pixel to be in the foreground.</summary>
    public virtual bool NeedsForeground => false;

    /// <summary>The judge of a task.</summary>
    /// <exception cref="FoveaException">A figure is asked for that the task does not have, or a k above the number of classes.</exception>
    public static TaskJudge For(ModelTask task, LabelSpace labels, EvaluationSection options)
    {
        FigureKind[] known = task switch
        {
            ModelTask.Semantic => [FigureKind.PerImage, FigureKind.Surface, FigureKind.Partition, FigureKind.CellTracking],
            ModelTask.Instance => [FigureKind.CellTracking],
            _ => [],
        };
        foreach (var figure in options.Metrics.Except(known).Take(1))
        {
            throw new FoveaException(
                $"evaluation.metrics: found {RecipeShape.SnakeCase(figure.ToString())}, which {task.ToString().ToLowerInvariant()} does not have, "
                + $"expected {(known.Length == 0 ? "none" : string.Join(", ", known.Select(static kind => RecipeShape.SnakeCase(kind.ToString()))))}");
        }

        if (options.TopK is not null && task != ModelTask.Classification)
            throw new FoveaException($"evaluation.top_k: found {string.Join(", ", options.TopK)}, which {task.ToString().ToLowerInvariant()} does not have, expected nothing");
        return task switch
        {
            ModelTask.Classification => new ClassificationJudge(labels, options),
            ModelTask.MultiLabel => new MultiLabelJudge(labels, options),
            ModelTask.Semantic => new SemanticJudge(labels, options),
            _ => new DetectionJudge(labels, task == ModelTask.Instance, options),
        };
    }

    /// <summary>Takes an image in.</summary>
    /// <returns>How good the prediction is, 0 to 1, to find the worst.</returns>
    public abstract double Add(Sample truth, Prediction prediction);

    /// <summary>The figures over all images.</summary>
    public abstract Evaluation Conclude();

    /// <summary>Figures, classes and notes as an evaluation whose frame is filled in by the evaluator.</summary>
    protected static Evaluation Of(ModelTask task, IReadOnlyDictionary<string, double> metrics, MetricTable perClass, ConfusionTable? confusion, IReadOnlyList<string> notes) => new()
    {
        Task = task,
        Data = "",
        Images = 0,
        Metrics = metrics,
        PerClass = perClass,
        Confusion = confusion,
        Notes = notes,
    };

    /// <summary>AUC, AP, best F1 and the score that gives it.</summary>
    protected static double?[] Ranked(ScoreCurves curves) =>
        [Known(curves.Auc), Known(curves.AveragePrecision), Known(curves.Best.F1), Known(curves.Best.Threshold)];

    /// <summary>A figure, or null where there is none.</summary>
    protected static double? Known(double? value) => value is { } number && !double.IsNaN(number) ? number : null;
}

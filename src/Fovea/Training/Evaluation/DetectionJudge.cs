using Fovea.Metrics;

namespace Fovea.Training;

/// <summary>COCO's figures for boxes, and for masks where the network gives them, with a confusion table of objects.</summary>
internal sealed class DetectionJudge : TaskJudge
{
    /// <summary>Detections below this score are not shown and do not count as confusions.</summary>
    public const float ShownScore = 0.5f;

    private const float Overlap = 0.5f;

    private readonly LabelSpace labels;
    private readonly CocoEvaluator boxes;
    private readonly CocoEvaluator? masks;
    private readonly CellTrackingEvaluator? cells;
    private readonly ConfusionMatrix confusion;

    public DetectionJudge(LabelSpace labels, bool hasMasks, EvaluationSection options)
    {
        this.labels = labels;
        boxes = new CocoEvaluator(labels, CocoOverlap.Box);
        masks = hasMasks ? new CocoEvaluator(labels, CocoOverlap.Mask) : null;
        cells = options.Asks(FigureKind.CellTracking) ? new CellTrackingEvaluator() : null;
        confusion = new ConfusionMatrix(labels.Count + 1);
    }

    public override double Add(Sample truth, Prediction prediction)
    {
        // VOC's difficult objects are ignored as COCO ignores crowds.
        var instances = (truth.Annotation.Instances ?? []).Select(static instance => instance.IsDifficult ? instance with { IsCrowd = true } : instance).ToList();
        var detections = prediction.Detections ?? [];
        boxes.Add(instances, detections, truth.ImagePath);
        masks?.Add(instances, detections, truth.ImagePath);
        cells?.Add([.. instances.Where(static instance => !instance.IsCrowd).Select(static instance => instance.Mask!)],
            [.. detections.Where(static detection => detection.Score >= ShownScore).Select(static detection => detection.Mask!)]);
        return Confuse(instances, detections.Where(static detection => detection.Score >= ShownScore));
    }

    public override Evaluation Conclude()
    {
        var result = boxes.Compute();
        var mask = masks?.Compute();
        var metrics = new OrderedDictionary<string, double>(StringComparer.Ordinal);
        // The usual figure goes first.
        foreach (var (name, value) in (mask?.Values ?? result.Values).OrderByDescending(static m => m.Key.EndsWith("_ap50", StringComparison.Ordinal)))
            metrics[name] = value;
        foreach (var (name, value) in result.Values)
            metrics[name] = value;
        if (cells is { Objects: > 0 })
            metrics["seg"] = cells.Seg;
        var table = new MetricTable(
            mask is null ? ["objects", "found", "AP", "AP50", "AR"] : ["objects", "found", "box AP", "box AP50", "mask AP", "mask AP50"],
            [.. result.PerClass.Select((score, i) => new MetricRow(score.Name, mask is null
                ? [score.Objects, score.Detections, score.AveragePrecision, score.AveragePrecision50, score.AverageRecall]
                : [score.Objects, score.Detections, score.AveragePrecision, score.AveragePrecision50, mask.PerClass[i].AveragePrecision, mask.PerClass[i].AveragePrecision50]))]);
        var notes = result.Notes.Concat(mask?.Notes ?? []).Distinct().ToList();
        return Of(mask is null ? ModelTask.Detection : ModelTask.Instance, metrics, table, new ConfusionTable([.. labels.Names, "(nothing)"], confusion.ToRows(), "objects"), notes);
    }

    /// <summary>Pairs detections with objects by overlap alone, best score first, and counts what was called what.</summary>
    /// <returns>F1 of the objects whose class is right too.</returns>
    private double Confuse(List<Instance> instances, IEnumerable<Detection> detections)
    {
        var nothing = labels.Count;
        var free = instances.ToList();
        var (hits, shown) = (0, 0);
        foreach (var detection in detections.OrderByDescending(static detection => detection.Score))
        {
            var best = free.Select((instance, i) => (i, overlap: instance.Box.IoU(detection.Box), same: instance.Label == detection.Label))
                .Where(static pair => pair.overlap >= Overlap).OrderByDescending(static pair => (pair.same, pair.overlap)).Select(static pair => pair.i).DefaultIfEmpty(-1).First();
            if (best >= 0 && free[best].IsCrowd)
                continue;
            shown++;
            confusion.Add(best >= 0 ? free[best].Label : nothing, detection.Label);
            if (best < 0)
                continue;
            hits += free[best].Label == detection.Label ? 1 : 0;
            free.RemoveAt(best);
        }

        foreach (var missed in free.Where(static instance => !instance.IsCrowd))
            confusion.Add(missed.Label, nothing);
        var objects = instances.Count(static instance => !instance.IsCrowd);
        return objects + shown == 0 ? 1 : 2.0 * hits / (objects + shown);
    }
}

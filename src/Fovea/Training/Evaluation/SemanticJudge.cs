using Fovea.Imaging;
using Fovea.Metrics;

namespace Fovea.Training;

/// <summary>The pixels of a semantic segmentation, and what else of it was asked for.</summary>
internal sealed class SemanticJudge : TaskJudge
{
    private readonly LabelSpace labels;
    private readonly SegmentationEvaluator evaluator;
    private readonly PerImageEvaluator? perImage;
    private readonly SurfaceEvaluator? surface;
    private readonly MembraneEvaluator? membrane;
    private readonly CellTrackingEvaluator? cells;
    private readonly List<MetricRow> images = [];

    public SemanticJudge(LabelSpace labels, EvaluationSection options)
    {
        this.labels = labels;
        evaluator = new SegmentationEvaluator(labels);
        if (options.Asks(FigureKind.PerImage))
            perImage = new PerImageEvaluator(labels, options.BothEmpty, options.IncludeBackground);
        if (options.Asks(FigureKind.Surface))
        {
            surface = new SurfaceEvaluator(labels, new SurfaceOptions
            {
                Spacing = (options.Spacing[0], options.Spacing[1]),
                Tolerance = options.Tolerance,
                BothEmpty = options.BothEmpty,
                OneEmpty = options.OneEmpty,
                IncludeBackground = options.IncludeBackground,
            });
        }

        if (options.Asks(FigureKind.Partition))
            membrane = new MembraneEvaluator();
        if (options.Asks(FigureKind.CellTracking))
            cells = new CellTrackingEvaluator();
    }

    public override bool NeedsForeground => membrane is not null;

    public override double Add(Sample truth, Prediction prediction)
    {
        var map = truth.Annotation.Map ?? throw new FoveaException($"{truth.ImagePath}: found no label map, expected one");
        var own = evaluator.Add(map, prediction.Map!, truth.ImagePath);
        var present = Enumerable.Range(0, labels.Count).Where(i => own.Support(i) > 0).ToList();
        var quality = present.Count == 0 ? 1 : present.Average(i => own.Of(i).IoU);
        var row = new List<double?> { quality };
        if (perImage?.Add(own) is { } overlap)
            row.AddRange([Known(overlap.IoU), Known(overlap.Dice)]);
        if (surface is not null)
        {
            var outlines = surface.Add(map, prediction.Map!, truth.ImagePath);
            row.AddRange([outlines?.BoundaryF1, outlines?.Hausdorff95, outlines?.AverageSymmetric]);
        }

        if (membrane is not null)
            row.Add(Known(membrane.Add(map, prediction.Foreground!, truth.ImagePath)));
        cells?.Add(Objects(map, map), Objects(prediction.Map!, map));
        images.Add(new MetricRow(truth.Id, row));
        return quality;
    }

    public override Evaluation Conclude()
    {
        var result = evaluator.Compute();
        var (overlaps, outlines, partition) = (perImage?.Compute(), surface?.Compute(), membrane?.Compute());
        var metrics = new OrderedDictionary<string, double>(result.Values, StringComparer.Ordinal);
        foreach (var (name, value) in new[] { overlaps?.Values, outlines?.Values, partition?.Values }.OfType<IReadOnlyDictionary<string, double>>().SelectMany(static values => values))
            metrics[name] = value;
        if (cells is { Objects: > 0 })
            metrics["seg"] = cells.Seg;
        var notes = result.Notes.Concat(overlaps?.Notes ?? []).Concat(outlines?.Notes ?? []).Concat(partition?.Notes ?? []).ToList();
        if (cells is not null)
            notes.Add($"cell tracking: {cells.Matched} of {Counted.Of(cells.Objects, "object is", "objects are")} matched; objects are connected pixels of one class other than the first");
        return Of(ModelTask.Semantic, metrics, Classes(result, overlaps, outlines), new ConfusionTable(labels.Names, result.Confusion.ToRows(), "pixels"), notes) with
        {
            Intervals = evaluator.Intervals(),
            PerImage = images.Count > 0 && images[0].Values.Count > 1 ? new MetricTable(Columns(), images) : null,
        };
    }

    private static MetricTable Classes(SegmentationResult result, PerImageResult? overlaps, SurfaceResult? outlines)
    {
        var columns = new List<string> { "IoU", "Dice", "accuracy", "precision", "specificity", "pixels" };
        columns.AddRange(overlaps is null ? [] : ["IoU per image", "Dice per image"]);
        columns.AddRange(outlines is null ? [] : ["boundary F1", "HD95", "ASSD"]);
        return new MetricTable(columns, [.. result.PerClass.Select(score =>
        {
            var row = new List<double?> { Known(score.IoU), Known(score.Dice), Known(score.Accuracy), Known(score.Precision), Known(score.Specificity), score.Support };
            if (overlaps is not null)
            {
                var own = overlaps.PerClass.FirstOrDefault(other => other.Name == score.Name);
                row.AddRange([Known(own?.IoU), Known(own?.Dice)]);
            }

            if (outlines is not null)
            {
                var own = outlines.PerClass.FirstOrDefault(other => other.Name == score.Name)?.Mean;
                row.AddRange([own?.BoundaryF1, own?.Hausdorff95, own?.AverageSymmetric]);
            }

            return new MetricRow(score.Name, row);
        })]);
    }

    private List<string> Columns()
    {
        var columns = new List<string> { "IoU of present classes" };
        columns.AddRange(perImage is null ? [] : ["IoU", "Dice"]);
        columns.AddRange(surface is null ? [] : ["boundary F1", "HD95", "ASSD"]);
        columns.AddRange(membrane is null ? [] : ["V_rand, thinned"]);
        return columns;
    }

    // Touching objects of different classes are different objects.
    private int[] Objects(LabelMap map, LabelMap truth)
    {
        var (objects, count) = (new int[map.Values.Length], 0);
        for (var label = 1; label < labels.Count; label++)
        {
            var mask = new byte[objects.Length];
            for (var i = 0; i < mask.Length; i++)
                mask[i] = map.Values[i] == label && truth.Values[i] != LabelMap.Ignore ? (byte)1 : (byte)0;
            var components = ConnectedComponents.Label(mask, map.Size, diagonal: false);
            for (var i = 0; i < objects.Length; i++)
                objects[i] = components.Labels[i] > 0 ? components.Labels[i] + count : objects[i];
            count += components.Count;
        }

        return objects;
    }
}

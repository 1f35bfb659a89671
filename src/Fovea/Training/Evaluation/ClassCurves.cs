using Fovea.Metrics;

namespace Fovea.Training;

/// <summary>The curves of a classification that are drawn: those of a few classes, the worst first, and of all together.</summary>
internal static class ClassCurves
{
    private const int MostClasses = 8, MostPoints = 120;

    public static IReadOnlyList<CurvePlot> Of(LabelSpace labels, RankingResult ranks)
    {
        var shown = Enumerable.Range(0, labels.Count).Where(i => !double.IsNaN(ranks.PerClass[i].Auc)).OrderBy(i => ranks.PerClass[i].AveragePrecision).ToList();
        if (shown.Count == 0)
            return [];
        var chosen = shown.Count > MostClasses ? $", the {MostClasses} classes with the least AP" : "";
        IReadOnlyList<CurveSeries> Series(Func<ScoreCurves, IReadOnlyList<(double X, double Y)>> points, Func<ScoreCurves, double> figure) =>
        [
            .. shown.Take(MostClasses).Select(i => Line(FormattableString.Invariant($"{labels[i]}, {figure(ranks.PerClass[i]):0.000}"), points(ranks.PerClass[i]))),
            Line(FormattableString.Invariant($"all pairs, {figure(ranks.Micro):0.000}"), points(ranks.Micro)),
        ];
        return
        [
            new CurvePlot("roc", "ROC and AUC" + chosen, "false positive rate", "true positive rate", Series(static curves => curves.Roc(), static curves => curves.Auc)),
            new CurvePlot("precision_recall", "Precision over recall and AP" + chosen, "recall", "precision", Series(static curves => curves.PrecisionRecall(), static curves => curves.AveragePrecision)),
        ];
    }

    private static CurveSeries Line(string name, IReadOnlyList<(double X, double Y)> points)
    {
        var corners = Corners(points);
        var kept = corners.Count <= MostPoints ? corners : [.. Enumerable.Range(0, MostPoints).Select(i => corners[(int)((long)i * (corners.Count - 1) / (MostPoints - 1))])];
        return new CurveSeries(name, [.. kept.Select(static point => Math.Round(point.X, 5))], [.. kept.Select(static point => Math.Round(point.Y, 5))]);
    }

    // Points on the line between their neighbours draw nothing.
    private static List<(double X, double Y)> Corners(IReadOnlyList<(double X, double Y)> points)
    {
        var corners = new List<(double X, double Y)>();
        for (var i = 0; i < points.Count; i++)
        {
            var isBetween = i > 0 && i + 1 < points.Count && corners[^1] is var before
                && Math.Abs((points[i].X - before.X) * (points[i + 1].Y - before.Y) - (points[i].Y - before.Y) * (points[i + 1].X - before.X)) < 1e-12;
            if (!isBetween)
                corners.Add(points[i]);
        }

        return corners;
    }
}

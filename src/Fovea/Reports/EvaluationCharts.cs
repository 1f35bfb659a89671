using Fovea.Imaging.Drawing;
using Fovea.Torch.Serialization;
using Fovea.Training;

namespace Fovea.Reports;

/// <summary>The drawings of an evaluation: curves, reliability diagram, confusion matrix.</summary>
public static class EvaluationCharts
{
    private const double Width = 560, Height = 420;
    private const int MostClasses = 60;

    /// <summary>Writes each drawing as an SVG file.</summary>
    /// <param name="folder">An existing folder.</param>
    /// <param name="evaluation">What to draw.</param>
    /// <exception cref="FoveaException">A file cannot be written.</exception>
    public static void Save(string folder, Evaluation evaluation)
    {
        foreach (var (name, drawing) in Curves(evaluation))
            AtomicFile.WriteText(Path.Combine(folder, $"{name}.svg"), drawing.ToSvg());
        if (evaluation.Confusion is { } table && table.Labels.Count <= MostClasses)
            AtomicFile.WriteText(Path.Combine(folder, "confusion.svg"), Confusion(table).ToSvg());
    }

    internal static IEnumerable<(string Name, SvgCanvas Drawing)> Curves(Evaluation evaluation)
    {
        foreach (var plot in evaluation.Curves)
            yield return (plot.Name, Draw(plot));
        if (evaluation.Reliability is { } bins)
        {
            var diagram = new ReliabilityDiagram
            {
                Title = FormattableString.Invariant($"Reliability, ECE {evaluation.Metrics["ece"]:0.000}"),
                Bins = [.. bins.Select(static bin => (bin.Low, bin.High, (double)bin.Count, bin.Accuracy))],
            };
            yield return ("reliability", diagram.Draw(Width, Height));
        }
    }

    private static SvgCanvas Draw(CurvePlot plot)
    {
        var series = plot.Series.Select(static line => new ChartSeries(line.Name, [.. line.X.Zip(line.Y)])).ToList();
        if (plot.Name == "roc")
            series.Add(new ChartSeries("chance", [(0, 0), (1, 1)]) { IsDashed = true, Colour = Colour.Ink.Mix(Colour.White, 0.5) });
        return new LineChart { Title = plot.Title, XLabel = plot.XLabel, YLabel = plot.YLabel, Series = series, YRange = (0, 1) }.Draw(Width, Height);
    }

    private static SvgCanvas Confusion(ConfusionTable table)
    {
        var counts = new long[table.Labels.Count, table.Labels.Count];
        for (var i = 0; i < table.Labels.Count; i++)
        {
            for (var j = 0; j < table.Labels.Count; j++)
                counts[i, j] = table.Counts[i][j];
        }

        return ConfusionMatrixDrawing.Draw(counts, table.Labels, $"Confusion, {table.Unit}");
    }
}

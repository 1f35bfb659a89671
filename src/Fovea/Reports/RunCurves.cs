using Fovea.Imaging.Drawing;
using Fovea.Training;

namespace Fovea.Reports;

/// <summary>A figure over the epochs of several runs, in one drawing.</summary>
public static class RunCurves
{
    /// <summary>Draws the curves.</summary>
    /// <param name="runs">Folders of runs; their names are the legend.</param>
    /// <param name="metric">The figure, such as <c>mean_iu</c>.</param>
    /// <param name="width">Width in pixels.</param>
    /// <param name="height">Height in pixels.</param>
    /// <exception cref="FoveaException">A run has no such figure.</exception>
    public static SvgCanvas Draw(IReadOnlyList<RunFolder> runs, string metric, double width = 720, double height = 400)
    {
        var series = runs.Select(run => new ChartSeries(run.Name, Points(run, metric))).ToList();
        return new LineChart { Title = $"{MetricNames.Spoken(metric)} of the validation data", XLabel = "epoch", Series = series }.Draw(width, height);
    }

    private static IReadOnlyList<(double X, double Y)> Points(RunFolder run, string metric)
    {
        var points = RunData.Points(JsonLines.Read(run.Metrics), metric);
        return points.Count > 0 ? points : throw new FoveaException($"{run.Metrics}: holds no figure {metric}, expected it of every run to be compared");
    }
}

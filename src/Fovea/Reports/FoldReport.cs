using System.Globalization;
using System.Text;
using Fovea.Imaging.Drawing;
using Fovea.Reports.Sections;
using Fovea.Torch.Serialization;
using Fovea.Training;

namespace Fovea.Reports;

/// <summary>The report of a cross-validation: one page over all folds, beside the report that every fold has of its own.</summary>
public static class FoldReport
{
    private const int MostBars = 40;

    /// <summary>Writes the page.</summary>
    /// <param name="path">The file, in the folder that holds those of the folds.</param>
    /// <param name="outcome">What to show.</param>
    /// <exception cref="FoveaException">The file cannot be written.</exception>
    public static void Write(string path, CrossValidation outcome) => AtomicFile.WriteText(path, Page(outcome));

    private static string Page(CrossValidation outcome)
    {
        var page = new StringBuilder();
        page.Append("<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
        page.Append(CultureInfo.InvariantCulture, $"<title>{Html.Text(outcome.Name)}</title><style>{Style.Sheet}</style></head><body><main>");
        page.Append(CultureInfo.InvariantCulture, $"<h1>{Html.Text(outcome.Name)}</h1><p class=\"soft\">{Html.Text(outcome.Model)}, {Summary.Task(outcome.Pooled.Task)}; cross-validation in {Counted.Of(outcome.Folds.Count, "fold")} over {Html.Count(outcome.Pooled.Images)} images</p>");
        WriteSpreads(page, outcome);
        WriteFolds(page, outcome);
        WritePooled(page, outcome.Pooled);
        return page.Append("</main></body></html>").ToString();
    }

    private static void WriteSpreads(StringBuilder page, CrossValidation outcome)
    {
        page.Append("<div class=\"figures\">");
        var names = MetricNames.Telling(outcome.Spreads.Keys).Where(name => name != outcome.Metric).Take(3);
        foreach (var name in outcome.Spreads.ContainsKey(outcome.Metric) ? names.Prepend(outcome.Metric) : names)
        {
            var (mean, deviation) = outcome.Spreads[name];
            page.Append(CultureInfo.InvariantCulture,
                $"<div class=\"card{(name == outcome.Metric ? " first" : "")}\"><b>{Html.Figure(mean)} ± {Html.Figure(deviation)}</b><span>{Html.Text(MetricNames.Spoken(name))}, mean and deviation over the folds</span></div>");
        }

        page.Append("</div>");
    }

    private static void WriteFolds(StringBuilder page, CrossValidation outcome)
    {
        var names = MetricNames.Telling(outcome.Spreads.Keys).Take(8).ToList();
        page.Append("<h2>Folds</h2>");
        if (outcome.Spreads.ContainsKey(outcome.Metric) && outcome.Folds.Count <= MostBars)
        {
            var points = outcome.Folds.Select((fold, i) => (i + 1.0, fold.Figures[outcome.Metric])).ToList();
            var mean = outcome.Spreads[outcome.Metric].Mean;
            var chart = new LineChart
            {
                Title = MetricNames.Spoken(outcome.Metric), XLabel = "fold",
                Series = [new ChartSeries("fold", points), new ChartSeries("mean", [(1, mean), (outcome.Folds.Count, mean)]) { IsDashed = true }],
            };
            page.Append("<figure class=\"card\">").Append(chart.Draw(720, 260).ToSvg()).Append("</figure>");
        }

        page.Append("<div class=\"card scroll\"><table class=\"full\"><tr><th>fold</th><th class=\"n\">images</th><th class=\"n\">best epoch</th>");
        names.ForEach(name => page.Append("<th class=\"n\">").Append(Html.Text(MetricNames.Spoken(name))).Append("</th>"));
        page.Append("</tr>");
        foreach (var fold in outcome.Folds)
        {
            page.Append(CultureInfo.InvariantCulture, $"<tr><td><a href=\"{Html.Text(fold.Name)}/report.html\">{Html.Text(fold.Name)}</a></td><td class=\"n\">{Html.Count(fold.Images)}</td><td class=\"n\">{fold.Epoch}</td>");
            names.ForEach(name => page.Append("<td class=\"n\">").Append(Html.Figure(fold.Figures[name])).Append("</td>"));
            page.Append("</tr>");
        }

        Row(page, "mean", names, name => outcome.Spreads[name].Mean);
        Row(page, "deviation", names, name => outcome.Spreads[name].Deviation);
        page.Append("</table></div>");
    }

    private static void Row(StringBuilder page, string title, List<string> names, Func<string, double> value)
    {
        page.Append("<tr class=\"best\"><td>").Append(title).Append("</td><td></td><td></td>");
        names.ForEach(name => page.Append("<td class=\"n\">").Append(Html.Figure(value(name))).Append("</td>"));
        page.Append("</tr>");
    }

    private static void WritePooled(StringBuilder page, Evaluation pooled)
    {
        page.Append("<h2>All images together</h2><p class=\"soft\">Every image as the network predicts it that was not trained with it.</p>");
        foreach (var note in pooled.Notes)
            page.Append("<p class=\"note\">").Append(Html.Text(note)).Append("</p>");
        page.Append("<div class=\"card scroll\"><table class=\"full\">");
        foreach (var name in MetricNames.Telling(pooled.Metrics.Keys))
            page.Append("<tr><th>").Append(Html.Text(MetricNames.Spoken(name))).Append("</th><td class=\"n\">").Append(Html.Figure(pooled.Metrics[name])).Append("</td></tr>");
        page.Append("</table></div>");
        Figures.WriteTables(page, pooled, "By class, all folds");
    }
}

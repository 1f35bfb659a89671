using System.Globalization;
using System.Text;
using Fovea.Training;

namespace Fovea.Reports.Sections;

/// <summary>The head of the page: what ran, where it stands, and its figures at a glance.</summary>
internal static class Summary
{
    public static void Write(StringBuilder page, RunData run)
    {
        var facts = run.Facts;
        var last = run.Metrics.Count > 0 ? run.Metrics[^1] : null;
        var epoch = last is null ? 0 : RunData.Value(last, "epoch") ?? 0;
        page.Append(CultureInfo.InvariantCulture, $"<h1>{Html.Text(facts.Name)}</h1>");
        page.Append(CultureInfo.InvariantCulture, $"<p class=\"soft\">{Html.Text(facts.Model)}, {Task(facts.Task)} of {Counted.Of(facts.Labels.Count, "class")}; started {facts.Started:yyyy-MM-dd HH:mm} UTC; epoch {Html.Figure(epoch)} of {facts.Epochs}</p>");
        page.Append("<div class=\"figures\">");
        if (run.BestEvaluation is { } best)
        {
            Card(page, Html.Figure(RunData.Value(best, facts.Metric)!.Value), $"best {MetricNames.Spoken(facts.Metric)}, epoch {Html.Figure(RunData.Value(best, "epoch") ?? 0)}", "first");
            foreach (var name in MetricNames.Telling(run.Evaluation?.Metrics.Keys ?? []).Where(name => name != facts.Metric).Take(3))
            {
                if (RunData.Value(best, name) is { } value)
                    Card(page, Html.Figure(value), $"{MetricNames.Spoken(name)} at that epoch");
            }
        }

        if (last is not null && RunData.Value(last, "seconds") is { } seconds)
            Card(page, Html.Duration(seconds), "of training");
        Card(page, Html.Count(facts.Parameters), "trainable parameters");
        Card(page, Html.Count(facts.Data[0].Images), "training images");
        page.Append("</div>");
    }

    public static string Task(ModelTask task) => task switch
    {
        ModelTask.Classification => "classification",
        ModelTask.MultiLabel => "multi-label classification",
        ModelTask.Detection => "detection",
        ModelTask.Instance => "instance segmentation",
        _ => "semantic segmentation",
    };

    private static void Card(StringBuilder page, string figure, string caption, string style = "") =>
        page.Append(CultureInfo.InvariantCulture, $"<div class=\"card {style}\"><b>{figure}</b><span>{Html.Text(caption)}</span></div>");
}

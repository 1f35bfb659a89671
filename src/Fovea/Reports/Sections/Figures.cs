using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Fovea.Training;

namespace Fovea.Reports.Sections;

/// <summary>The figures of every evaluation, of every class, and what was taken for what.</summary>
internal static class Figures
{
    private const int MostRows = 30, MostColumns = 8, MostClasses = 30, MostPairs = 25, MostNarrow = 8;

    public static void Write(StringBuilder page, RunData run)
    {
        if (run.Evaluation is not { } evaluation)
            return;
        page.Append("<h2>Figures</h2>");
        foreach (var note in evaluation.Notes)
            page.Append("<p class=\"note\">").Append(Html.Text(note)).Append("</p>");
        WriteEpochs(page, run, evaluation);
        WriteFurther(page, evaluation);
        WriteIntervals(page, evaluation);
        WriteTables(page, evaluation, "By class, last evaluation");
    }

    /// <summary>The figures of every class and what was taken for what, where an evaluation has them.</summary>
    public static void WriteTables(StringBuilder page, Evaluation evaluation, string heading)
    {
        page.Append("<div class=\"two\" style=\"margin-top:14px\">");
        if (evaluation.PerClass is { } perClass)
            WritePerClass(page, perClass, heading);
        if (evaluation.Confusion is { } confusion)
            WriteConfusion(page, confusion);
        page.Append("</div>");
    }

    // Those that the table of epochs has no room for.
    private static void WriteFurther(StringBuilder page, Evaluation evaluation)
    {
        var further = MetricNames.Telling(evaluation.Metrics.Keys).Skip(MostColumns).Where(static name => name != "loss").ToList();
        if (further.Count == 0)
            return;
        page.Append("<p class=\"soft\">Further figures of the last evaluation: ");
        page.AppendJoin("; ", further.Select(name => $"{Html.Text(MetricNames.Spoken(name))} {Html.Figure(evaluation.Metrics[name])}"));
        page.Append("</p>");
    }

    private static void WriteIntervals(StringBuilder page, Evaluation evaluation)
    {
        if (evaluation.Intervals.Count == 0)
            return;
        page.Append("<p class=\"soft\">95 % intervals of the last evaluation, by bootstrap over its images: ");
        page.AppendJoin("; ", evaluation.Intervals.Select(pair =>
            $"{Html.Text(MetricNames.Spoken(pair.Key))} {Html.Figure(evaluation.Metrics[pair.Key])} ({Html.Figure(pair.Value.Low)} to {Html.Figure(pair.Value.High)})"));
        page.Append("</p>");
    }

    private static void WriteEpochs(StringBuilder page, RunData run, Evaluation evaluation)
    {
        var names = MetricNames.Telling(evaluation.Metrics.Keys).Take(MostColumns).ToList();
        var best = run.BestEvaluation;
        // A long run shows its last evaluations, and its best wherever that was.
        var rows = run.Metrics.TakeLast(MostRows).ToList();
        if (best is not null && !rows.Contains(best))
            rows.Insert(0, best);
        page.Append("<div class=\"card scroll\"><table class=\"full\"><tr><th class=\"n\">epoch</th><th class=\"n\">training loss</th>");
        foreach (var name in names)
            page.Append("<th class=\"n\">").Append(Html.Text(MetricNames.Spoken(name))).Append("</th>");
        page.Append("</tr>");
        foreach (var row in rows)
        {
            page.Append(ReferenceEquals(row, best) ? "<tr class=\"best\">" : "<tr>");
            Cell(page, row, "epoch");
            Cell(page, row, "train_loss");
            foreach (var name in names)
                Cell(page, row, name);
            page.Append("</tr>");
        }

        page.Append("</table></div>");
        if (rows.Count < run.Metrics.Count)
            page.Append(CultureInfo.InvariantCulture, $"<p class=\"soft\">{rows.Count} of {Counted.Of(run.Metrics.Count, "evaluation")}; all are in metrics.jsonl.</p>");
    }

    private static void Cell(StringBuilder page, JsonObject row, string key) =>
        page.Append("<td class=\"n\">").Append(RunData.Value(row, key) is { } value ? Html.Figure(value) : "").Append("</td>");

    private static void WritePerClass(StringBuilder page, MetricTable table, string heading)
    {
        page.Append("<div class=\"card scroll\"><h3>").Append(Html.Text(heading)).Append("</h3><table class=\"full\"><tr><th>class</th>");
        foreach (var column in table.Columns)
            page.Append("<th class=\"n\">").Append(Html.Text(column)).Append("</th>");
        page.Append("</tr>");
        foreach (var row in table.Rows)
        {
            page.Append("<tr><td>").Append(Html.Text(row.Name)).Append("</td>");
            foreach (var value in row.Values)
                page.Append("<td class=\"n\">").Append(value is { } v ? Html.Figure(v) : "-").Append("</td>");
            page.Append("</tr>");
        }

        page.Append("</table></div>");
    }

    private static void WriteConfusion(StringBuilder page, ConfusionTable table)
    {
        // Beside the figures of classes there is room for few columns.
        var width = table.Labels.Count is > MostNarrow and <= MostClasses ? " style=\"grid-column:1/-1\"" : "";
        var unit = IsOfPixels(table) && table.Labels.Count <= MostClasses ? "% of the pixels of a class" : table.Unit;
        page.Append(CultureInfo.InvariantCulture, $"<div class=\"card scroll\"{width}><h3>Confusion, {Html.Text(unit)}: row is the truth, column what the network said</h3>");
        if (table.Labels.Count > MostClasses)
            WritePairs(page, table);
        else
            WriteMatrix(page, table);
        page.Append("</div>");
    }

    private static void WriteMatrix(StringBuilder page, ConfusionTable table)
    {
        page.Append("<table class=\"matrix\"><tr><th></th>");
        foreach (var label in table.Labels)
            page.Append("<th class=\"top\">").Append(Html.Text(label)).Append("</th>");
        page.Append("</tr>");
        for (var i = 0; i < table.Labels.Count; i++)
        {
            var total = Math.Max(1, table.Counts[i].Sum());
            page.Append("<tr><th class=\"row\">").Append(Html.Text(table.Labels[i])).Append("</th>");
            foreach (var count in table.Counts[i])
            {
                var share = count / (double)total;
                page.Append(CultureInfo.InvariantCulture,
                    $"<td{(share > 0.55 ? " class=\"hot\"" : "")} style=\"background:rgba(var(--heat),{Html.Number(count == 0 ? 0 : 0.06 + 0.9 * share)})\" title=\"{Html.Count(count)} of {Html.Count(total)}\">{Cell(count, share, table)}</td>");
            }

            page.Append("</tr>");
        }

        page.Append("</table>");
    }

    private static string Cell(long count, double share, ConfusionTable table) =>
        count == 0 ? "" : IsOfPixels(table) ? (100 * share).ToString("0.0", CultureInfo.InvariantCulture) : Html.Count(count);

    private static bool IsOfPixels(ConfusionTable table) => table.Unit == "pixels";

    private static void WritePairs(StringBuilder page, ConfusionTable table)
    {
        var pairs = Enumerable.Range(0, table.Labels.Count)
            .SelectMany(i => Enumerable.Range(0, table.Labels.Count).Where(j => j != i && table.Counts[i][j] > 0).Select(j => (i, j, count: table.Counts[i][j])))
            .OrderByDescending(static pair => pair.count).Take(MostPairs);
        page.Append("<table class=\"full\"><tr><th>truth</th><th>called</th><th class=\"n\">times</th></tr>");
        foreach (var (i, j, count) in pairs)
            page.Append("<tr><td>").Append(Html.Text(table.Labels[i])).Append("</td><td>").Append(Html.Text(table.Labels[j])).Append("</td><td class=\"n\">").Append(Html.Count(count)).Append("</td></tr>");
        page.Append("</table>");
    }
}

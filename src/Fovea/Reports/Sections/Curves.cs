using System.Text;
using System.Text.Json.Nodes;
using Fovea.Imaging.Drawing;
using Fovea.Training;

namespace Fovea.Reports.Sections;

/// <summary>Losses, figures and the learning rate over the epochs.</summary>
internal static class Curves
{
    private const double Width = 560, Height = 320;

    // More parts than these are confusing enough without the validation's.
    private const int MostWithValidation = 3;

    public static void Write(StringBuilder page, RunData run)
    {
        if (run.Steps.Count == 0)
            return;
        page.Append("<h2>Curves</h2><div class=\"two\">");
        var losses = new List<ChartSeries> { new("training", Thinning.Mean(RunData.Points(run.Steps, "loss"), 200)) };
        if (RunData.Points(run.Metrics, "loss") is { Count: > 0 } validation)
            losses.Add(new ChartSeries("validation", validation) { IsDashed = true });
        var terms = Terms(run.Steps);
        Add(page, new LineChart { Title = terms is [var only] ? $"Loss: {MetricNames.Term(only)}" : "Loss", XLabel = "epoch", Series = losses, YRange = LossRange(losses) });

        var names = MetricNames.Telling(run.Evaluation?.Metrics.Keys ?? []).Where(static name => !MetricNames.LowerIsBetter(name)).Take(5).ToList();
        if (names.Count > 0)
        {
            var series = names.Select(name => new ChartSeries(MetricNames.Spoken(name), RunData.Points(run.Metrics, name))).ToList();
            Add(page, new LineChart { Title = "Validation figures", XLabel = "epoch", Series = series, YRange = (FigureLow(series), 1) });
        }

        if (terms.Count > 1)
        {
            var series = terms.Select((term, i) => new ChartSeries(MetricNames.Term(term), Thinning.Mean(RunData.Points(run.Steps, term), 150)) { Colour = Palette.Line(i) }).ToList();
            if (terms.Count <= MostWithValidation)
                series.AddRange(terms.Select((term, i) => new ChartSeries($"{MetricNames.Term(term)}, validation", RunData.Points(run.Metrics, term)) { Colour = Palette.Line(i), IsDashed = true }).Where(static s => s.Points.Count > 0));
            Add(page, new LineChart { Title = terms.Count <= MostWithValidation ? "Parts of the loss" : "Parts of the training loss", XLabel = "epoch", Series = series, YRange = LossRange(series) });
        }

        Add(page, new LineChart { Title = "Learning rate", XLabel = "epoch", Series = [new ChartSeries("", Thinning.Mean(RunData.Points(run.Steps, "learning_rate")))] });
        page.Append("</div>");
    }

    // A schedule may let a term join late or leave early.
    private static List<string> Terms(IReadOnlyList<JsonObject> steps) => [.. steps.SelectMany(static step => step.Select(static entry => entry.Key))
        .Where(static key => key.StartsWith("loss.", StringComparison.Ordinal)).Distinct(StringComparer.Ordinal)];

    private static void Add(StringBuilder page, LineChart chart) =>
        page.Append("<figure class=\"card\">").Append(chart.Draw(Width, Height).ToSvg()).Append("</figure>");

    // Figures that all lie near 1 are looked at closely.
    private static double FigureLow(IReadOnlyList<ChartSeries> series) =>
        Math.Floor(10 * Math.Clamp(series.SelectMany(static s => s.Points).Select(static p => p.Y).Where(double.IsFinite).DefaultIfEmpty(0).Min(), 0, 0.9)) / 10;

    // The first losses of a run can be so large that nothing else shows: the axis ends where nearly all of them lie.
    private static (double Low, double High)? LossRange(IReadOnlyList<ChartSeries> series)
    {
        var sorted = series.SelectMany(static s => s.Points).Select(static p => p.Y).Where(double.IsFinite).Order().ToList();
        return sorted.Count == 0 ? null : (Math.Min(0, sorted[0]), Math.Max(1e-6, Math.Min(sorted[^1], sorted[(int)((sorted.Count - 1) * 0.98)] * 1.25)));
    }
}

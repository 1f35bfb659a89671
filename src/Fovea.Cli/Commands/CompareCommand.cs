using System.CommandLine;
using System.Globalization;
using Fovea.Metrics;
using Fovea.Reports;
using Fovea.Training;

namespace Fovea.Cli.Commands;

/// <summary><c>fovea compare RUN...</c>: what trained networks reach and what they cost, in one table.</summary>
internal static class CompareCommand
{
    public static Command Create()
    {
        var runs = new Argument<string[]>("RUN") { Description = "Folders of runs of one task.", Arity = ArgumentArity.OneOrMore };
        var data = new Option<string?>("--data") { Description = "Folder of labelled images; the validation data of each run when not given." };
        var split = new Option<string?>("--split") { Description = "Split of the data." };
        var metric = new Option<string?>("--metric") { Description = "The figure to compare; that which decided about the first run when not given." };
        var drawing = new Option<string?>("--drawing") { Description = "File for a drawing of the figure over the epochs: .svg, .png or .jpg." };
        var device = new Option<string>("--device") { Description = "cpu, cuda or cuda:N.", DefaultValueFactory = _ => "cpu" };
        var precision = Precision.Option();
        var json = new Option<bool>("--json") { Description = "Print a JSON object for each run." };
        var command = new Command("compare", """
            Put trained networks beside each other: figure, parameters, multiply-adds and images a second, one picture at a time.

            Example: fovea compare runs/enet runs/bisenet --split test --drawing curves.svg
            """)
        {
            runs, data, split, metric, drawing, device, precision, json,
        };
        command.SetAction(parsed =>
        {
            var folders = parsed.GetValue(runs)!.Select(static path => new RunFolder(path)).ToList();
            var figure = parsed.GetValue(metric) ?? RunFacts.Load(folders[0].Facts).Metric;
            if (parsed.GetValue(drawing) is { } file)
                RunCurves.Draw(folders, figure).Save(file);
            var rows = folders.Select(folder =>
            {
                using var predictor = Precision.Load(folder.Path, null, parsed.GetValue(device)!, parsed.GetValue(precision)!);
                return Measure(folder, predictor, figure, parsed.GetValue(data), parsed.GetValue(split));
            }).ToList();
            if (parsed.GetValue(json))
                rows.ForEach(Output.WriteJsonLine);
            else
                Print(rows, figure);
            return ExitCode.Done;
        });
        return command;
    }

    private static Row Measure(RunFolder folder, Predictor predictor, string figure, string? data, string? split)
    {
        var weights = Predictor.FileOf(folder.Path);
        var dataset = ModelEvaluation.Open(predictor, weights, data, split);
        var evaluation = ModelEvaluation.Run(predictor, dataset, batchSize: 1, skipBroken: false, ModelEvaluation.FiguresOf(weights));
        if (!evaluation.Metrics.TryGetValue(figure, out var value))
            throw new FoveaException($"{folder.Path}: found the figures {string.Join(", ", evaluation.Metrics.Keys)}, expected {figure} among them; compare runs of one task, or choose a figure with --metric");
        var cost = PictureCost.Of(predictor, dataset);
        return new Row(
            folder.Name, predictor.Card.Model, dataset.Name, evaluation.Images, figure, value,
            evaluation.Intervals.GetValueOrDefault(figure), cost.Parameters, cost.MultiplyAdds, cost.Width, cost.Height, cost.ImagesPerSecond);
    }

    private static void Print(List<Row> rows, string figure)
    {
        Output.WriteTable(["run", "network", MetricNames.Spoken(figure), "95 % interval", "parameters", "multiply-adds", "picture", "images/s"], rows.Select(static row => new[]
        {
            row.Run, row.Network, row.Value.ToString("0.0000", CultureInfo.InvariantCulture),
            row.Interval is { } i ? string.Create(CultureInfo.InvariantCulture, $"{i.Low:0.0000} to {i.High:0.0000}") : "",
            row.Parameters.ToString("N0", CultureInfo.InvariantCulture), row.MultiplyAdds.ToString("N0", CultureInfo.InvariantCulture),
            string.Create(CultureInfo.InvariantCulture, $"{row.Width}x{row.Height}"), row.ImagesPerSecond.ToString("0.0", CultureInfo.InvariantCulture),
        }));
        foreach (var data in rows.GroupBy(static row => (row.Data, row.Images)))
            Console.Out.WriteLine($"on {data.Key.Data}, {Counted.Of(data.Key.Images, "image")}: {string.Join(", ", data.Select(static row => row.Run))}");
    }

    private sealed record Row(
        string Run, string Network, string Data, int Images, string Metric, double Value, Interval? Interval, long Parameters, long MultiplyAdds, int Width, int Height, double ImagesPerSecond);
}

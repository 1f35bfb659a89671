using System.CommandLine;
using System.Globalization;
using Fovea.Data;
using Fovea.Metrics;
using Fovea.Models;
using Fovea.Reports;
using Fovea.Torch;
using Fovea.Training;

namespace Fovea.Cli.Commands;

/// <summary><c>fovea eval MODEL</c>: the figures of a trained network on labelled images.</summary>
internal static class EvalCommand
{
    // Columns of whole numbers, of which 0 and 1 are no fractions.
    private static readonly string[] CountColumns = ["images", "objects", "found", "pixels"];

    public static Command Create()
    {
        var model = new Argument<string>("MODEL") { Description = "Folder of a run, or a weights file." };
        var name = new Option<string?>("--model") { Description = "The network, for weights that fovea did not write; 'fovea models' lists them." };
        var data = new Option<string?>("--data") { Description = "Folder of labelled images; the validation data of the run when not given." };
        var split = new Option<string?>("--split") { Description = "Split of the data; val or test when there is one, else everything." };
        var batch = new Option<int>("--batch") { Description = "Images in a batch.", DefaultValueFactory = _ => 8 };
        var skip = new Option<bool>("--skip-broken") { Description = "Leave out images that cannot be read, and count them." };
        var figures = new Option<string[]>("--metrics") { Description = "More figures: per_image, surface, partition, cell_tracking, separated by commas; those of the recipe when not given.", AllowMultipleArgumentsPerToken = true };
        var topK = new Option<string[]>("--top-k") { Description = "Every k of top-k of a classification, separated by commas.", AllowMultipleArgumentsPerToken = true };
        var settings = new Option<string[]>("--set") { Description = "Conventions of the figures as in a recipe's evaluation, such as tolerance=3 or one_empty=skip.", AllowMultipleArgumentsPerToken = true };
        var output = new Option<string?>("--out") { Description = "Folder for evaluation.json, charts and pictures of predictions." };
        var crf = new CrfOption();
        var device = new Option<string>("--device") { Description = "cpu, cuda or cuda:N.", DefaultValueFactory = _ => "cpu" };
        var precision = Precision.Option();
        var json = new Option<bool>("--json") { Description = "Print a JSON object." };
        var views = new ViewInput();
        var command = new Command("eval", "Measure a trained network on labelled images.\n\nExample: fovea eval runs/cells --data bccd --split val")
        {
            model, name, data, split, batch, skip, figures, topK, settings, output, device, precision, json,
        };
        views.AddTo(command);
        crf.AddTo(command);
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(batch) < 1)
                throw new UsageException("--batch: expected at least 1");
            using var predictor = Precision.Load(parsed.GetValue(model)!, parsed.GetValue(name), parsed.GetValue(device)!, parsed.GetValue(precision)!);
            predictor.Views = views.Views(parsed, predictor.Views);
            var section = Section(
                ModelEvaluation.FiguresOf(Predictor.FileOf(parsed.GetValue(model)!)), parsed.GetValue(figures) ?? [], parsed.GetValue(topK) ?? [], parsed.GetValue(settings) ?? []);
            crf.Apply(parsed, predictor);
            var dataset = ModelEvaluation.Open(predictor, Predictor.FileOf(parsed.GetValue(model)!), parsed.GetValue(data), parsed.GetValue(split));
            foreach (var note in dataset.Notes)
                Console.Error.WriteLine(note);
            var evaluation = ModelEvaluation.Run(predictor, dataset, parsed.GetValue(batch), parsed.GetValue(skip), section);
            if (parsed.GetValue(output) is { } folder)
                Save(RunFolder.ForResults(folder), evaluation, dataset);
            Print(evaluation, parsed.GetValue(json));
            return ExitCode.Done;
        });
        return command;
    }

    private static EvaluationSection Section(EvaluationSection ofRecipe, string[] figures, string[] topK, string[] settings)
    {
        string[] assignments =
        [
            .. figures.Length == 0 ? [] : new[] { $"metrics=[{string.Join(',', figures)}]" }, .. topK.Length == 0 ? [] : new[] { $"top_k=[{string.Join(',', topK)}]" }, .. settings,
        ];
        return assignments.Length == 0 ? ofRecipe : ofRecipe.With(assignments);
    }

    private static void Save(RunFolder folder, Evaluation evaluation, IDataset dataset)
    {
        evaluation.Save(folder.Evaluation);
        EvaluationCharts.Save(folder.Path, evaluation);
        SamplePictures.Save(folder, evaluation, dataset);
    }

    private static void Print(Evaluation evaluation, bool json)
    {
        if (json)
        {
            Output.WriteJson(evaluation);
            return;
        }

        Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{evaluation.Data}: {Counted.Of(evaluation.Images, "image")} in {evaluation.Seconds:0.0} s"));
        Output.WriteTable(["figure", "value", "95 % interval"], evaluation.Metrics.Select(m => (IReadOnlyList<string>)[m.Key, Text(m.Value), Text(evaluation.Intervals.GetValueOrDefault(m.Key))]));
        PrintTable("class", evaluation.PerClass);
        PrintTable("image", evaluation.PerImage);
        foreach (var note in evaluation.Notes)
            Console.Out.WriteLine(note);
    }

    private static void PrintTable(string heading, MetricTable? table)
    {
        if (table is null)
            return;
        Console.Out.WriteLine();
        Output.WriteTable([heading, .. table.Columns], table.Rows.Select(row => (IReadOnlyList<string>)[row.Name, .. row.Values.Zip(table.Columns, static (value, column) => Cell(value, column))]));
    }

    private static string Cell(double? value, string column) => value switch
    {
        null => "-",
        { } count when CountColumns.Contains(column) => count.ToString("0", CultureInfo.InvariantCulture),
        { } figure => Text(figure),
    };

    private static string Text(Interval? interval) => interval is null ? "" : $"{Text(interval.Low)} to {Text(interval.High)}";

    private static string Text(double value) => value == Math.Floor(value) && Math.Abs(value) > 1 ? value.ToString("0", CultureInfo.InvariantCulture) : value.ToString("0.0000", CultureInfo.InvariantCulture);
}

using System.CommandLine;
using System.Globalization;
using Fovea.Models;
using Fovea.Reports;
using Fovea.Torch;
using Fovea.Training;

namespace Fovea.Cli.Commands;

/// <summary><c>fovea eval MODEL</c>: the figures of a trained network on labelled images.</summary>
internal static class EvalCommand
{
    public static Command Create()
    {
        var model = new Argument<string>("MODEL") { Description = "Folder of a run, or a weights file." };
        var name = new Option<string?>("--model") { Description = "The network, for weights that fovea did not write; 'fovea models' lists them." };
        var data = new Option<string?>("--data") { Description = "Folder of labelled images; the validation data of the run when not given." };
        var split = new Option<string?>("--split") { Description = "Split of the data; val or test when there is one, else everything." };
        var batch = new Option<int>("--batch") { Description = "Images in a batch.", DefaultValueFactory = _ => 8 };
        var skip = new Option<bool>("--skip-broken") { Description = "Leave out images that cannot be read, and count them." };
        var crf = CrfOption.Create();
        var output = new Option<string?>("--out") { Description = "Folder for evaluation.json and pictures of predictions." };
        var device = new Option<string>("--device") { Description = "cpu, cuda or cuda:N.", DefaultValueFactory = _ => "cpu" };
        var precision = Precision.Option();
        var json = new Option<bool>("--json") { Description = "Print a JSON object." };
        var command = new Command("eval", "Measure a trained network on labelled images.\n\nExample: fovea eval runs/cells --data bccd --split val")
        {
            model, name, data, split, batch, skip, crf, output, device, precision, json,
        };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(batch) < 1)
                throw new UsageException("--batch: expected at least 1");
            using var predictor = Precision.Load(parsed.GetValue(model)!, parsed.GetValue(name), parsed.GetValue(device)!, parsed.GetValue(precision)!);
            if (parsed.GetValue(crf))
                CrfOption.Apply(predictor);
            var dataset = ModelEvaluation.Open(predictor, Predictor.FileOf(parsed.GetValue(model)!), parsed.GetValue(data), parsed.GetValue(split));
            var evaluation = ModelEvaluation.Run(predictor, dataset, parsed.GetValue(batch), parsed.GetValue(skip));
            if (parsed.GetValue(output) is { } folder)
                SamplePictures.Save(RunFolder.ForResults(folder), evaluation, dataset);
            Print(evaluation, parsed.GetValue(json));
            return ExitCode.Done;
        });
        return command;
    }

    private static void Print(Evaluation evaluation, bool json)
    {
        if (json)
        {
            Output.WriteJson(evaluation);
            return;
        }

        Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{evaluation.Data}: {evaluation.Images} images in {evaluation.Seconds:0.0} s"));
        Output.WriteTable(["figure", "value"], evaluation.Metrics.Select(static m => (IReadOnlyList<string>)[m.Key, Text(m.Value)]));
        if (evaluation.PerClass is { } table)
        {
            Console.Out.WriteLine();
            Output.WriteTable(["class", .. table.Columns], table.Rows.Select(static row => (IReadOnlyList<string>)[row.Name, .. row.Values.Select(static value => value is { } v ? Text(v) : "-")]));
        }

        foreach (var note in evaluation.Notes)
            Console.Out.WriteLine(note);
    }

    private static string Text(double value) => value == Math.Floor(value) && Math.Abs(value) > 1 ? value.ToString("0", CultureInfo.InvariantCulture) : value.ToString("0.0000", CultureInfo.InvariantCulture);
}

using System.Globalization;
using System.Text.Json;
using Fovea.Data;
using Fovea.Models;
using Fovea.Reports;
using Fovea.Torch;
using Fovea.Torch.Serialization;
using Fovea.Training;

namespace Fovea.Cli.Runs;

/// <summary>Cross-validation: a run for every fold in a folder of its own, and one report over them.</summary>
internal static class FoldRuns
{
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public static int Run(TrainRequest request, bool resume, StopSignals signals)
    {
        if (request.Recipe is null)
            throw new UsageException("train: --folds needs the RECIPE, also with --resume");
        var recipe = request.Load();
        var output = request.Output ?? (resume ? request.UsualOutput : RunFolder.FreePath(request.UsualOutput));
        if (!resume && Directory.Exists(output) && Directory.EnumerateFileSystemEntries(output).Any())
            throw new FoveaException($"{output}: is not empty; continue it with --resume, or choose another folder with --out");
        var folds = DataParts.OpenFolds(recipe.Data, recipe.TaskOf(ModelCatalog.Find(recipe.Model.Name)), FoldCount(request), recipe.Seed, out var plan);
        Directory.CreateDirectory(output);
        plan.Save(Path.Combine(output, "folds.txt"));
        var results = new List<FoldFigures>();
        for (var i = 0; i < folds.Count; i++)
        {
            var folder = Path.Combine(output, string.Create(CultureInfo.InvariantCulture, $"fold{i + 1}"));
            Console.Out.WriteLine($"fold {i + 1} of {folds.Count}: {folder}");
            using var session = Open(request, recipe, folder, folds[i], resume);
            if (SessionRun.Train(session, signals.Token) == TrainingOutcome.Interrupted)
                return ExitCode.Failed;
            results.Add(FiguresOf(session, folds[i].Validation));
        }

        var pooled = CrossValidation.Pool(
            [.. results.Select((fold, i) => (new RunFolder(Path.Combine(output, fold.Name)).Best, folds[i].Validation))], recipe, Device.Parse(request.Device ?? "cpu"));
        Summarise(output, new CrossValidation
        {
            Name = request.Name, Model = recipe.Model.Name, Metric = recipe.Metric ?? MetricNames.Usual(pooled.Task), Folds = results, Pooled = pooled,
        });
        return ExitCode.Done;
    }

    /// <summary>The number of folds; null for one of every image or group.</summary>
    /// <exception cref="UsageException">It is neither a number of at least 2 nor "all".</exception>
    public static int? FoldCount(TrainRequest request) => request.Folds == "all" ? null
        : int.TryParse(request.Folds, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count >= 2 ? count
        : throw new UsageException($"--folds: found {request.Folds}, expected at least 2, or all to leave each image (or group of images) out once");

    private static TrainingSession Open(TrainRequest request, Recipe recipe, string folder, DataParts data, bool resume)
    {
        if (!resume || !File.Exists(new RunFolder(folder).Recipe))
            return TrainingSession.Start(recipe, $"{request.Name}, {Path.GetFileName(folder)}", folder, Device.Parse(request.Device ?? "cpu"), data);
        request.CheckSame(new RunFolder(folder));
        return TrainingSession.Continue(new RunFolder(folder), data);
    }

    /// <summary>The figures of the fold's best epoch.</summary>
    private static FoldFigures FiguresOf(TrainingSession session, IDataset held)
    {
        var epoch = session.Trainer.State.BestEpoch;
        return new FoldFigures(Path.GetFileName(session.Folder.Path), held.Count, epoch, RunMetrics.Of(session.Folder, epoch));
    }

    private static void Summarise(string output, CrossValidation outcome)
    {
        var spreads = outcome.Spreads;
        AtomicFile.WriteText(Path.Combine(output, "summary.json"), JsonSerializer.Serialize(new
        {
            folds = outcome.Folds.Select(fold => new { folder = Path.Combine(output, fold.Name), images = fold.Images, epoch = fold.Epoch, figures = fold.Figures }),
            mean = spreads.ToDictionary(static s => s.Key, static s => s.Value.Mean),
            standard_deviation = spreads.ToDictionary(static s => s.Key, static s => s.Value.Deviation),
            pooled = outcome.Pooled.Metrics.Where(static m => double.IsFinite(m.Value)).ToDictionary(),
        }, Json));
        var report = Path.Combine(output, "report.html");
        FoldReport.Write(report, outcome);
        Console.Out.WriteLine();
        Output.WriteTable(["figure", "mean", "deviation", "pooled", .. outcome.Folds.Select(static fold => fold.Name)],
            spreads.Select(spread => (IReadOnlyList<string>)[spread.Key, Text(spread.Value.Mean), Text(spread.Value.Deviation),
                outcome.Pooled.Metrics.TryGetValue(spread.Key, out var pooled) ? Text(pooled) : "", .. outcome.Folds.Select(fold => Text(fold.Figures[spread.Key]))]));
        Console.Out.WriteLine($"summary  {Path.Combine(output, "summary.json")}");
        Console.Out.WriteLine($"report   {report}");
    }

    private static string Text(double value) => value.ToString("0.0000", CultureInfo.InvariantCulture);
}

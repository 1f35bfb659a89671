using System.Globalization;
using System.Text.Json;
using Fovea.Models;
using Fovea.Torch;
using Fovea.Torch.Serialization;
using Fovea.Training;

namespace Fovea.Cli.Runs;

/// <summary>Cross-validation: a run for every fold in a folder of its own, and a summary over them.</summary>
internal static class FoldRuns
{
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true };

    public static int Run(TrainRequest request, bool resume, StopSignals signals)
    {
        if (request.Recipe is null)
            throw new UsageException("train: --folds needs the RECIPE, also with --resume");
        var recipe = request.Load();
        var output = request.Output ?? (resume ? request.UsualOutput : RunFolder.FreePath(request.UsualOutput));
        if (!resume && Directory.Exists(output) && Directory.EnumerateFileSystemEntries(output).Any())
            throw new FoveaException($"{output}: is not empty; continue it with --resume, or choose another folder with --out");
        var folds = DataParts.OpenFolds(recipe.Data, ModelCatalog.Find(recipe.Model.Name).Task, request.Folds!.Value, recipe.Seed, out var plan);
        Directory.CreateDirectory(output);
        plan.Save(Path.Combine(output, "folds.txt"));
        var results = new List<FoldResult>();
        for (var i = 0; i < folds.Count; i++)
        {
            var folder = Path.Combine(output, string.Create(CultureInfo.InvariantCulture, $"fold{i + 1}"));
            Console.Out.WriteLine($"fold {i + 1} of {folds.Count}: {folder}");
            using var session = Open(request, recipe, folder, folds[i], resume);
            if (SessionRun.Train(session, signals.Token) == TrainingOutcome.Interrupted)
                return ExitCode.Failed;
            results.Add(FoldResult.Of(session));
        }

        Summarise(output, results);
        return ExitCode.Done;
    }

    private static TrainingSession Open(TrainRequest request, Recipe recipe, string folder, DataParts data, bool resume)
    {
        if (!resume || !File.Exists(new RunFolder(folder).Recipe))
            return TrainingSession.Start(recipe, $"{request.Name}, {Path.GetFileName(folder)}", folder, Device.Parse(request.Device ?? "cpu"), data);
        request.CheckSame(new RunFolder(folder));
        return TrainingSession.Continue(new RunFolder(folder), data);
    }

    private static void Summarise(string output, List<FoldResult> results)
    {
        var names = results[0].Figures.Keys.Where(name => results.TrueForAll(result => result.Figures.ContainsKey(name))).ToList();
        var summary = names.ToDictionary(static name => name, name => Spread.Of([.. results.Select(result => result.Figures[name])]));
        AtomicFile.WriteText(Path.Combine(output, "summary.json"), JsonSerializer.Serialize(new
        {
            folds = results.Select(static result => new { folder = result.Folder, epoch = result.Epoch, figures = result.Figures }),
            mean = summary.ToDictionary(static s => s.Key, static s => s.Value.Mean),
            standard_deviation = summary.ToDictionary(static s => s.Key, static s => s.Value.Deviation),
        }, Json));
        Console.Out.WriteLine();
        Output.WriteTable(["figure", "mean", "deviation", .. results.Select(static result => Path.GetFileName(result.Folder))],
            names.Select(name => (IReadOnlyList<string>)[name, Text(summary[name].Mean), Text(summary[name].Deviation), .. results.Select(result => Text(result.Figures[name]))]));
        Console.Out.WriteLine($"summary  {Path.Combine(output, "summary.json")}");
    }

    private static string Text(double value) => value.ToString("0.0000", CultureInfo.InvariantCulture);

    private sealed record FoldResult(string Folder, int Epoch, IReadOnlyDictionary<string, double> Figures)
    {
        /// <summary>The figures of the fold's best epoch.</summary>
        public static FoldResult Of(TrainingSession session)
        {
            var epoch = session.Trainer.State.BestEpoch;
            return new FoldResult(session.Folder.Path, epoch, RunMetrics.Of(session.Folder, epoch));
        }
    }

    /// <summary>Mean and standard deviation of a sample.</summary>
    private readonly record struct Spread(double Mean, double Deviation)
    {
        public static Spread Of(double[] values)
        {
            var mean = values.Average();
            return new Spread(mean, Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / Math.Max(1, values.Length - 1)));
        }
    }
}

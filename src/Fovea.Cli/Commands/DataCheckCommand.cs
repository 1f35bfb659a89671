using System.CommandLine;
using System.Text.Json;
using Fovea.Data;
using Fovea.Data.Checks;

namespace Fovea.Cli.Commands;

/// <summary><c>fovea data check FOLDER</c>: every problem with file, field, what was found and what was expected.</summary>
internal static class DataCheckCommand
{
    public static Command Create()
    {
        var input = new DataInput();
        var quick = new Option<bool>("--quick") { Description = "Read annotations and the headers of pictures only; nothing is decoded." };
        var limit = new Option<int>("--limit") { Description = "Lines shown of each kind of problem; 0 for all.", DefaultValueFactory = _ => 100 };
        var json = new Option<bool>("--json") { Description = "Print a JSON object." };
        var command = new Command("check", "List every problem of a data set before anything runs; exit code 1 when there are errors.\n\nExample: fovea data check bccd --split train");
        input.AddTo(command, withFaults: false);
        command.Options.Add(quick);
        command.Options.Add(limit);
        command.Options.Add(json);
        command.SetAction(parsed =>
        {
            CheckReport report;
            using (var progress = new ProgressLine("examining"))
                report = DatasetCheck.Run(input.Folder(parsed), input.Options(parsed), !parsed.GetValue(quick), progress);
            if (parsed.GetValue(json))
                WriteJson(report);
            else
                WriteText(report, parsed.GetValue(limit));
            if (report.HasErrors)
                throw new FoveaException($"{report.Folder}: found {Count(report, Severity.Error)}, expected none; mend the files, or leave out what is at fault with --faults skip or clip (in training --set data.faults=skip, and --skip-broken for pictures and masks)");
            return ExitCode.Done;
        });
        return command;
    }

    private static void WriteText(CheckReport report, int limit)
    {
        if (report.Labels is not null)
        {
            var splits = report.Splits is [("all", _)] ? "" : $" ({string.Join(", ", report.Splits.Select(static split => $"{split.Split} {split.Images}"))})";
            var objects = report.Objects > 0 ? $", {Counted.Of(report.Objects, "object")}" : "";
            Console.Out.WriteLine($"{report.Folder}: {report.Format!.Value.Name()}, {Counted.Of(report.Images, "image")}{splits}{objects}, {Counted.Of(report.Labels.Count, "class")}");
        }

        foreach (var note in report.Notes)
            Console.Out.WriteLine(note);
        foreach (var kind in report.Problems.GroupBy(static problem => (problem.Severity, problem.Kind)).OrderByDescending(static group => group.Key.Severity))
        {
            var shown = limit == 0 ? kind : kind.Take(limit);
            foreach (var problem in shown)
                Console.Out.WriteLine($"{Name(problem.Severity)}: {problem.ToString().ReplaceLineEndings(" ")}");
            if (limit > 0 && kind.Count() > limit)
                Console.Out.WriteLine($"{Name(kind.Key.Severity)}: ... and {kind.Count() - limit} more of this kind; --limit 0 shows all");
        }

        Console.Out.WriteLine($"{Count(report, Severity.Error)}, {Count(report, Severity.Warning)}, {Count(report, Severity.Note)}");
    }

    private static void WriteJson(CheckReport report) => Output.WriteJson(new
    {
        report.Folder,
        Format = report.Format?.Name(),
        report.Images,
        report.Objects,
        Classes = report.Labels?.Names,
        Splits = report.Splits.Select(static split => new { Name = split.Split, split.Images }),
        report.Notes,
        Errors = report.Count(Severity.Error),
        Warnings = report.Count(Severity.Warning),
        Problems = report.Problems.Select(static problem => new
        {
            Severity = Name(problem.Severity),
            Kind = JsonNamingPolicy.SnakeCaseLower.ConvertName(problem.Kind.ToString()),
            problem.File,
            problem.Field,
            problem.Found,
            problem.Expected,
        }),
    });

    private static string Name(Severity severity) => severity.ToString().ToLowerInvariant();

    private static string Count(CheckReport report, Severity severity) => Counted.Of(report.Count(severity), Name(severity));
}

using System.CommandLine;
using System.Globalization;
using Fovea.Models;

namespace Fovea.Cli.Commands;

/// <summary><c>fovea models</c>: every network by name, without loading any native library.</summary>
internal static class ModelsCommand
{
    public static Command Create()
    {
        var json = new Option<bool>("--json") { Description = "Print a JSON array." };
        var task = new Option<string?>("--task") { Description = "Only networks of this task." };
        // No network is of several labels alone: every classifier takes them.
        task.AcceptOnlyFromAmong([.. Enum.GetValues<ModelTask>().Except([ModelTask.MultiLabel]).Select(static value => value.ToString().ToLowerInvariant())]);
        var command = new Command("models", "List the networks.\n\nExample: fovea models --task detection") { json, task };
        command.SetAction(parsed => Run(parsed.GetValue(json), parsed.GetValue(task) is { } name ? Enum.Parse<ModelTask>(name, ignoreCase: true) : null));
        return command;
    }

    private static int Run(bool json, ModelTask? task)
    {
        var entries = ModelCatalog.All.Where(e => task is null || e.Task == task).ToList();
        if (json)
        {
            Output.WriteJson(entries.Select(e => new
            {
                e.Name,
                Task = e.Task.ToString().ToLowerInvariant(),
                e.Paper,
                e.Year,
                e.Parameters,
                e.Weights,
            }));
            return ExitCode.Done;
        }

        Output.WriteTable(
            ["name", "task", "parameters", "year", "paper"],
            entries.Select(e => new[] { e.Name, e.Task.ToString().ToLowerInvariant(), e.Parameters.ToString("N0", CultureInfo.InvariantCulture), e.Year.ToString(CultureInfo.InvariantCulture), e.Paper }));
        return ExitCode.Done;
    }
}

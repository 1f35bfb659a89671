using System.CommandLine;
using System.Globalization;
using Fovea.Models;
using Fovea.Torch;
using Fovea.Training;

namespace Fovea.Cli.Commands;

/// <summary><c>fovea info MODEL</c>: what a network is made of.</summary>
internal static class InfoCommand
{
    public static Command Create()
    {
        var name = new Argument<string>("MODEL") { Description = "A name that 'fovea models' lists." };
        var classes = new Option<int?>("--num-classes") { Description = "Class count, as the reference implementation counts; its default when not given." };
        var json = new Option<bool>("--json") { Description = "Print a JSON object." };
        var depth = new Option<int>("--depth") { Description = "How many levels of modules to list.", DefaultValueFactory = _ => 2 };
        var command = new Command("info", "Show what a network is made of.\n\nExample: fovea info resnet50 --depth 1") { name, classes, depth, json };
        command.SetAction(parsed => Run(ModelCatalog.Find(parsed.GetValue(name)!), parsed.GetValue(classes), parsed.GetValue(depth), parsed.GetValue(json)));
        return command;
    }

    private static int Run(ModelEntry entry, int? classes, int depth, bool json)
    {
        using var scope = new TensorScope();
        using var model = entry.Build(new ModelOptions { Outputs = classes ?? entry.DefaultOutputs, InChannels = entry.DefaultInChannels });
        var state = model.StateDict();
        var modules = model.NamedModules()
            .Where(m => m.Key.Length > 0 && m.Key.Count(c => c == '.') < depth)
            .Select(m => new { Name = m.Key, Type = m.Value.GetType().Name, Parameters = m.Value.ParameterCount() })
            .ToList();
        var options = entry.Variation is { } variation ? ModelOptionNames.Describe(variation) : [];
        if (json)
        {
            Output.WriteJson(new { entry.Name, entry.Paper, entry.Year, Parameters = model.ParameterCount(), StateDictEntries = state.Count, Options = options.ToDictionary(o => o.Name, o => o.Published), StartsFrom = entry.StartsFrom.Select(start => start.Model), Modules = modules });
            return ExitCode.Done;
        }

        Console.Out.WriteLine($"{entry.Name}: {entry.Paper}, {entry.Year}");
        Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{model.ParameterCount():N0} trainable parameters, {state.Count} state-dict entries"));
        if (options.Count > 0)
            Console.Out.WriteLine($"options (model.options in a recipe): {string.Join(", ", options.Select(o => $"{o.Name} {o.Published}"))}");
        if (entry.StartsFrom.Count > 0)
            Console.Out.WriteLine($"its training may start from the weights of {string.Join(", ", entry.StartsFrom.Select(start => start.Model))} (fine_tuning.weights in a recipe)");
        Console.Out.WriteLine();
        Output.WriteTable(["module", "type", "parameters"], modules.Select(m => new[] { m.Name, m.Type, m.Parameters.ToString("N0", CultureInfo.InvariantCulture) }));
        return ExitCode.Done;
    }
}

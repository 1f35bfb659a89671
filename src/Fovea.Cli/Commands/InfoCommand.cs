using System.CommandLine;
using System.Globalization;
using Fovea.Explain;
using Fovea.Models;
using Fovea.Torch;
using Fovea.Training;

namespace Fovea.Cli.Commands;

/// <summary><c>fovea info MODEL</c>: what a network is made of, what its layers see and cost.</summary>
internal static class InfoCommand
{
    private const int UsualSide = 224;

    public static Command Create()
    {
        var name = new Argument<string>("MODEL") { Description = "A name that 'fovea models' lists." };
        var classes = new Option<int?>("--num-classes") { Description = "Class count, as the reference implementation counts; its default when not given." };
        var size = new Option<int?>("--size") { Description = "Side of the picture in pixels; the network's usual one when not given, 224 where it takes any." };
        var json = new Option<bool>("--json") { Description = "Print a JSON object." };
        var depth = new Option<int>("--depth") { Description = "How many levels of modules to list.", DefaultValueFactory = _ => 2 };
        var drawing = new Option<string?>("--drawing") { Description = "File for a drawing of the table: .svg, .png or .jpg." };
        var command = new Command("info", "Show what a network is made of: for every layer output, stride, receptive field, parameters and multiply-adds.\n\nExample: fovea info resnet50 --depth 1")
        {
            name, classes, size, depth, drawing, json,
        };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(size) is < 1)
                throw new UsageException("--size: expected at least 1 pixel");
            return Run(ModelCatalog.Find(parsed.GetValue(name)!), parsed.GetValue(classes), parsed.GetValue(size), parsed.GetValue(depth), parsed.GetValue(drawing), parsed.GetValue(json));
        });
        return command;
    }

    private static int Run(ModelEntry entry, int? classes, int? size, int depth, string? drawing, bool json)
    {
        using var scope = new TensorScope();
        using var model = entry.Build(new ModelOptions { Outputs = classes ?? entry.DefaultOutputs, InChannels = entry.DefaultInChannels });
        model.Eval();
        var side = size ?? (model.Preprocessing.Height > 0 ? model.Preprocessing.Height : UsualSide);
        var profile = NetworkProfile.Of(model, Tensor.Zeros([1, entry.DefaultInChannels, side, side]));
        var layers = profile.Layers.Where(layer => layer.Name.Count(static c => c == '.') < depth).ToList();
        var title = string.Create(CultureInfo.InvariantCulture, $"{profile.Parameters:N0} trainable parameters, {Counted.Of(model.StateDict().Count, "state-dict entry")}, {profile.MultiplyAdds:N0} multiply-adds for {side}x{side}");
        var options = entry.Variation is { } variation ? ModelOptionNames.Describe(variation) : [];
        if (drawing is not null)
            ProfileDrawing.Draw($"{entry.Name}: {title}", layers, side).Save(drawing);
        if (json)
        {
            Output.WriteJson(new
            {
                entry.Name, entry.Paper, entry.Year, profile.Parameters, StateDictEntries = model.StateDict().Count, profile.MultiplyAdds, InputSize = side,
                StartsFrom = entry.StartsFrom.Select(static start => start.Model), Options = options.ToDictionary(o => o.Name, o => o.Published),
                Modules = layers.Select(static layer => new
                {
                    layer.Name, layer.Type, layer.Output, Stride = layer.Fields.Select(static field => field.Stride), ReceptiveField = layer.Fields.Select(static field => field.Size),
                    layer.Parameters, layer.MultiplyAdds, layer.Calls,
                }),
            });
            return ExitCode.Done;
        }

        Console.Out.WriteLine($"{entry.Name}: {entry.Paper}, {entry.Year}");
        Console.Out.WriteLine(title);
        if (options.Count > 0)
            Console.Out.WriteLine($"options (model.options in a recipe): {string.Join(", ", options.Select(o => $"{o.Name} {o.Published}"))}");
        if (entry.StartsFrom.Count > 0)
            Console.Out.WriteLine($"its training may start from the weights of {string.Join(", ", entry.StartsFrom.Select(start => start.Model))} (fine_tuning.weights in a recipe)");
        Console.Out.WriteLine();
        Output.WriteTable(["module", "type", "output", "stride", "sees", "parameters", "multiply-adds"], layers.Select(static layer => new[]
        {
            layer.Name, layer.Type, ProfileDrawing.ShapeOf(layer), ProfileDrawing.StrideOf(layer), ProfileDrawing.FieldOf(layer),
            layer.Parameters.ToString("N0", CultureInfo.InvariantCulture), layer.MultiplyAdds.ToString("N0", CultureInfo.InvariantCulture),
        }));
        return ExitCode.Done;
    }
}

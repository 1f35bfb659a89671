using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;
using Fovea.Cli.Commands;

namespace Fovea.Cli;

/// <summary>Every command, one line each; each is a file in <c>Commands/</c>.</summary>
internal static class CommandTree
{
    public static RootCommand Create()
    {
        var root = new RootCommand("Deep computer vision: train, evaluate and use networks from a folder of labelled images.")
        {
            ModelsCommand.Create(),
            DemoCommand.Create(),
            TrainCommand.Create(),
            EvalCommand.Create(),
            CompareCommand.Create(),
            PredictCommand.Create(),
            RegionsCommand.Create(),
            ExplainCommand.Create(),
            ForwardCommand.Create(),
            BenchCommand.Create(),
            InfoCommand.Create(),
            CompressCommand.Create(),
            DoctorCommand.Create(),
            DataCommand.Create(),
        };
        // Otherwise help calls it by the file that runs.
        root.HelpName = "fovea";
        root.Options.Add(new Option<bool>("--verbose") { Description = "Show where an error came from.", Recursive = true });
        root.Options.OfType<HelpOption>().Single().Action = new ShortListHelp();
        return root;
    }

    /// <summary>The words that lead to a command, such as <c>fovea data check</c>.</summary>
    public static string NameOf(CommandResult result)
    {
        var names = new Stack<string>();
        for (SymbolResult? current = result; current is CommandResult { Parent: not null } command; current = command.Parent)
            names.Push(command.Command.Name);
        return string.Join(' ', names.Prepend("fovea"));
    }
}

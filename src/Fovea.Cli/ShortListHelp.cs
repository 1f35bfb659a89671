using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Fovea.Cli;

/// <summary>Help that lists commands by their first sentence; their own help tells the rest and shows an example.</summary>
internal sealed class ShortListHelp : SynchronousCommandLineAction
{
    private readonly HelpAction whole = new();

    /// <summary>Help may be asked for wherever something else is still missing.</summary>
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        foreach (var command in parseResult.CommandResult.Command.Subcommands)
            command.Description = FirstSentence(command.Description!);
        return whole.Invoke(parseResult);
    }

    private static string FirstSentence(string text)
    {
        var paragraph = text.ReplaceLineEndings("\n").Split("\n\n")[0].Replace('\n', ' ');
        return paragraph.IndexOf(". ", StringComparison.Ordinal) is >= 0 and var end ? paragraph[..(end + 1)] : paragraph;
    }
}

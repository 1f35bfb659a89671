using System.CommandLine;
using Fovea.Cli;

namespace Fovea.Tests.Cli;

public class HelpTests
{
    [Fact]
    public void Every_command_is_called_as_it_is_typed()
    {
        foreach (var words in Commands(CommandTree.Create(), []))
        {
            var (code, output) = CommandLine.Run([.. words, "--help"]);
            Assert.Equal(0, code);
            Assert.Contains($"  {string.Join(' ', words.Prepend("fovea"))} ", output, StringComparison.Ordinal);
            Assert.Contains("Example: fovea ", output, StringComparison.Ordinal);
        }
    }

    private static IEnumerable<string[]> Commands(Command command, string[] words) => words.Length == 0
        ? command.Subcommands.SelectMany(below => Commands(below, [below.Name]))
        : command.Subcommands.SelectMany(below => Commands(below, [.. words, below.Name])).Prepend(words);
}

using System.CommandLine;
using Fovea.Cli;

namespace Fovea.Tests.Cli;

public class UsageTests
{
    public static TheoryData<string> Commands => new(All(CommandTree.Create(), "").Where(static path => path.Length > 0));

    [Fact]
    public void The_list_of_commands_is_one_line_each()
    {
        var (code, text) = CommandLine.Run("--help");
        Assert.Equal(0, code);
        Assert.Contains("fovea [command] [options]", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Fovea.Cli", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Example:", text, StringComparison.Ordinal);
        foreach (var command in CommandTree.Create().Subcommands)
            Assert.Contains(text.Split('\n'), line => line.Trim().StartsWith(command.Name, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public void Every_command_has_an_example_that_can_be_typed(string path)
    {
        var text = CommandLine.Run([.. path.Split(' '), "--help"]).Output;
        Assert.Contains($"fovea {path}", text, StringComparison.Ordinal);
        var example = text.Split('\n').Select(static line => line.Trim()).Single(static line => line.StartsWith("Example: fovea ", StringComparison.Ordinal));
        Assert.StartsWith($"Example: fovea {path.Split(' ')[0]}", example, StringComparison.Ordinal);
        Assert.Empty(CommandTree.Create().Parse(example["Example: fovea ".Length..].Split(' ')).Errors);
        Assert.DoesNotMatch("<[A-Z][a-z]+[|>]", text);
    }

    [Theory]
    [InlineData("trian", "found 'trian', expected models, demo, train, ", "; did you mean 'train'?")]
    [InlineData("data chek x", "data: found 'chek', expected check, stats, show, convert", "; did you mean 'check'?")]
    [InlineData("data", "data: found no command, expected check, stats, show, convert", "")]
    [InlineData("train --ste epochs=1", "train: found --ste, which is none of its options", "; did you mean '--set'?")]
    [InlineData("models --jsn", "models: found --jsn, which is none of its options", "; did you mean '--json'?")]
    [InlineData("data check x --limit many", "--limit: found 'many', expected a whole number", "")]
    [InlineData("data split x --val half", "--val: found 'half', expected a number", "")]
    [InlineData("data stats x --faults ignore", "--faults: found 'ignore', expected clip, error or skip", "")]
    [InlineData("models --task boxes", "--task: found 'boxes', expected classification, detection, instance or semantic", "")]
    [InlineData("predict run a.png --precision fp8", "--precision: found 'fp8', expected auto, bf16, fp16 or fp32", "")]
    [InlineData("train x --folds", "--folds: found no value", "")]
    [InlineData("predict run", "IMAGES is missing: Pictures, folders of pictures", "")]
    [InlineData("doctor now", "doctor: found 'now', which is one word too many", "")]
    [InlineData("data convert x --to coco", "--out is missing: The new folder", "")]
    public void Wrong_usage_is_said_in_plain_words(string line, string start, string end)
    {
        var parsed = CommandTree.Create().Parse(line.Split(' '));
        Assert.NotEmpty(parsed.Errors);
        var text = UsageText.Of(parsed);
        Assert.Contains(start, text, StringComparison.Ordinal);
        Assert.EndsWith(end, text, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', text);
    }

    private static IEnumerable<string> All(Command command, string path) =>
        command.Subcommands.SelectMany(sub => All(sub, path.Length == 0 ? sub.Name : $"{path} {sub.Name}")).Prepend(path);
}

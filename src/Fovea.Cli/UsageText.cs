using System.CommandLine;
using System.CommandLine.Completions;
using System.CommandLine.Parsing;

namespace Fovea.Cli;

/// <summary>What is wrong with a command line, as one line for a person.</summary>
internal static class UsageText
{
    public static string Of(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        var prefix = command is RootCommand ? "" : $"{CommandTree.NameOf(parsed.CommandResult)["fovea ".Length..]}: ";
        // An option that is not known is taken for an argument; what else is wrong only follows from it.
        if (parsed.Tokens.FirstOrDefault(static token => token.Type == TokenType.Argument && token.Value.Length > 2 && token.Value.StartsWith("--", StringComparison.Ordinal)) is { } option)
            return $"{prefix}found {option.Value}, which is none of its options{NearestName.Suggest(option.Value, OptionsOf(parsed.CommandResult))}";
        if (command.Subcommands.Count > 0)
            return $"{prefix}found {(parsed.UnmatchedTokens is [var word, ..] ? $"'{word}'" : "no command")}, expected {Choices(command.Subcommands.Select(static sub => sub.Name))}"
                + (parsed.UnmatchedTokens is [var given, ..] ? NearestName.Suggest(given, command.Subcommands.Select(static sub => sub.Name)) : "");
        foreach (var error in parsed.Errors)
        {
            if (ValueError(error.SymbolResult) is { } text)
                return text;
        }

        return parsed.UnmatchedTokens is [var extra, ..]
            ? $"{prefix}found '{extra}', which is one word too many"
            : parsed.Errors[0].Message.Trim().ReplaceLineEndings(" ");
    }

    private static string? ValueError(SymbolResult? at) => at switch
    {
        OptionResult { IdentifierToken: null } missing => $"{missing.Option.Name} is missing: {missing.Option.Description}",
        OptionResult { Tokens.Count: 0 } bare when bare.Option.Arity.MinimumNumberOfValues > 0 => $"{bare.Option.Name}: found no value, expected {Expected(bare.Option)}",
        OptionResult given => $"{given.Option.Name}: found '{given.Tokens[^1].Value}', expected {Expected(given.Option)}",
        ArgumentResult { Parent: OptionResult option } => ValueError(option),
        ArgumentResult { Tokens.Count: 0 } missing => $"{missing.Argument.Name} is missing: {missing.Argument.Description}",
        _ => null,
    };

    private static string Expected(Option option)
    {
        var names = option.GetCompletions(CompletionContext.Empty).Select(static item => item.Label).ToList();
        if (names.Count > 0)
            return Choices(names);
        var type = option.ValueType.IsArray ? option.ValueType.GetElementType()! : Nullable.GetUnderlyingType(option.ValueType) ?? option.ValueType;
        return type switch
        {
            _ when type == typeof(byte) => "a whole number from 0 to 255",
            _ when type == typeof(int) => "a whole number",
            _ when type == typeof(double) => "a number",
            _ when type == typeof(bool) => "nothing, true or false",
            _ => "one",
        };
    }

    private static string Choices(IEnumerable<string> names)
    {
        var all = names.ToList();
        return all.Count < 2 ? string.Concat(all) : $"{string.Join(", ", all.SkipLast(1))} or {all[^1]}";
    }

    private static IEnumerable<string> OptionsOf(CommandResult command)
    {
        for (SymbolResult? current = command; current is CommandResult { Command: var its }; current = current.Parent)
        {
            foreach (var option in its.Options.Where(option => ReferenceEquals(its, command.Command) || option.Recursive))
                yield return option.Name;
        }
    }
}

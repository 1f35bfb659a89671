using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Fovea.Training.Recipes;

/// <summary>Reads YAML into values with their lines. Plain data only: no anchors, no tags, one document.</summary>
internal static class YamlReader
{
    // Deeper nesting has no meaning in a recipe and would only serve to exhaust the stack.
    private const int MaxDepth = 16;

    /// <param name="text">The YAML.</param>
    /// <param name="file">Name of the file, for messages; lines are added to it. Null when <paramref name="origin"/> says it all.</param>
    /// <param name="origin">What to name as the origin of every value in place of file and line.</param>
    /// <exception cref="FoveaException">The text is no YAML, or YAML beyond plain data.</exception>
    public static RecipeValue Read(string text, string? file, string? origin = null)
    {
        string At(ParsingEvent e) => origin ?? $"{file}, line {e.Start.Line}";
        try
        {
            using var reader = new StringReader(text);
            var parser = new Parser(new Scanner(reader, skipComments: true));
            parser.Consume<StreamStart>();
            if (parser.Accept<StreamEnd>(out _))
                return RecipeValue.OfMap([], origin ?? file!);
            parser.Consume<DocumentStart>();
            var value = ReadValue(parser, At, 0);
            parser.Consume<DocumentEnd>();
            return parser.Accept<StreamEnd>(out var end) ? value : throw new FoveaException($"{At(parser.Current ?? end!)}: found a second document, expected one");
        }
        catch (YamlException e)
        {
            throw new FoveaException($"{origin ?? $"{file}, line {e.Start.Line}"}: found text that is no YAML: {e.Message.ReplaceLineEndings(" ")}", e);
        }
        catch (InvalidOperationException e)
        {
            // What the scanner throws at characters it cannot place, such as control characters, without saying where.
            throw new FoveaException($"{origin ?? file}: found characters that have no place in YAML, expected plain text", e);
        }
    }

    private static RecipeValue ReadValue(Parser parser, Func<ParsingEvent, string> at, int depth)
    {
        var start = parser.Current!;
        if (depth > MaxDepth)
            throw new FoveaException($"{at(start)}: found values nested more than {MaxDepth} deep");
        if (start is AnchorAlias || start is NodeEvent { Anchor.IsEmpty: false })
            throw new FoveaException($"{at(start)}: found an anchor or alias (& or *), expected plain values; write the value out");
        if (start is NodeEvent { Tag.IsEmpty: false })
            throw new FoveaException($"{at(start)}: found a tag (!), expected plain values");
        if (parser.TryConsume<Scalar>(out var scalar))
            return RecipeValue.OfText(scalar.Style == ScalarStyle.Plain && scalar.Value is "" or "~" or "null" or "Null" or "NULL" ? null : scalar.Value, at(scalar));
        return parser.TryConsume<SequenceStart>(out _) ? ReadList(parser, at, at(start), depth) : ReadMap(parser, at, at(start), depth);
    }

    private static RecipeValue ReadList(Parser parser, Func<ParsingEvent, string> at, string origin, int depth)
    {
        var items = new List<RecipeValue>();
        while (!parser.TryConsume<SequenceEnd>(out _))
            items.Add(ReadValue(parser, at, depth + 1));
        return RecipeValue.OfList(items, origin);
    }

    private static RecipeValue ReadMap(Parser parser, Func<ParsingEvent, string> at, string origin, int depth)
    {
        parser.Consume<MappingStart>();
        var entries = new OrderedDictionary<string, RecipeValue>(StringComparer.Ordinal);
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            var keyAt = at(parser.Current!);
            var key = ReadValue(parser, at, depth + 1).Text ?? throw new FoveaException($"{keyAt}: found a key that is no text");
            if (!entries.TryAdd(key, ReadValue(parser, at, depth + 1)))
                throw new FoveaException($"{keyAt}: found the key '{key}' twice, expected it once");
        }

        return RecipeValue.OfMap(entries, origin);
    }
}

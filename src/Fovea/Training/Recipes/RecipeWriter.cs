using System.Collections;
using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Fovea.Training.Recipes;

/// <summary>Writes recipes and their sections as YAML, every default included.</summary>
internal static class RecipeWriter
{
    public static string Write(object section)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        var emitter = new Emitter(text, new EmitterSettings(bestIndent: 2, bestWidth: int.MaxValue, isCanonical: false, maxSimpleKeyLength: 1024));
        emitter.Emit(new StreamStart());
        emitter.Emit(new DocumentStart(null, null, isImplicit: true));
        WriteSection(emitter, section);
        emitter.Emit(new DocumentEnd(isImplicit: true));
        emitter.Emit(new StreamEnd());
        return text.ToString();
    }

    /// <summary>A scalar the way YAML writes it.</summary>
    public static string Format(object value) => value switch
    {
        bool truth => truth ? "true" : "false",
        Enum name => RecipeShape.SnakeCase(name.ToString()),
        double number => number.ToString("R", CultureInfo.InvariantCulture),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    private static void WriteSection(Emitter emitter, object section)
    {
        emitter.Emit(new MappingStart());
        foreach (var (key, property) in RecipeShape.Keys(section.GetType()))
        {
            if (!RecipeShape.Applies(property, section))
                continue;
            WriteText(emitter, key);
            WriteValue(emitter, property.GetValue(section));
        }

        emitter.Emit(new MappingEnd());
    }

    private static void WriteValue(Emitter emitter, object? value)
    {
        switch (value)
        {
            case null:
                emitter.Emit(new Scalar("null"));
                break;
            case string text:
                WriteText(emitter, text);
                break;
            case RecipeValue raw:
                WriteRaw(emitter, raw);
                break;
            case TransformStep step when step.Parameters.Count == 0:
                WriteText(emitter, step.Name);
                break;
            case TransformStep step:
                WriteMap(emitter, [new(step.Name, step.Parameters)]);
                break;
            case IReadOnlyDictionary<string, RecipeValue> map:
                WriteMap(emitter, map.Select(static entry => new KeyValuePair<string, object?>(entry.Key, entry.Value)));
                break;
            case IReadOnlyDictionary<string, string> map:
                WriteMap(emitter, map.Select(static entry => new KeyValuePair<string, object?>(entry.Key, entry.Value)));
                break;
            case IEnumerable list:
                WriteList(emitter, list.Cast<object?>().ToList());
                break;
            default:
                if (RecipeShape.IsSection(value.GetType()))
                    WriteSection(emitter, value);
                else
                    emitter.Emit(new Scalar(Format(value)));
                break;
        }
    }

    private static void WriteList(Emitter emitter, List<object?> items)
    {
        var isFlat = items.All(static item => item is string or double or int or RecipeValue { Text: not null });
        emitter.Emit(new SequenceStart(AnchorName.Empty, TagName.Empty, isImplicit: true, isFlat ? SequenceStyle.Flow : SequenceStyle.Block));
        foreach (var item in items)
            WriteValue(emitter, item);
        emitter.Emit(new SequenceEnd());
    }

    private static void WriteMap(Emitter emitter, IEnumerable<KeyValuePair<string, object?>> entries)
    {
        emitter.Emit(new MappingStart());
        foreach (var (key, value) in entries)
        {
            WriteText(emitter, key);
            WriteValue(emitter, value);
        }

        emitter.Emit(new MappingEnd());
    }

    private static void WriteRaw(Emitter emitter, RecipeValue raw)
    {
        if (raw.Items is { } items)
            WriteList(emitter, [.. items]);
        else if (raw.Entries is { } entries)
            WriteMap(emitter, entries.Select(static entry => new KeyValuePair<string, object?>(entry.Key, entry.Value)));
        else
            WriteValue(emitter, raw.Text);
    }

    // Quoted where a plain text would be read back as nothing.
    private static void WriteText(Emitter emitter, string text) =>
        emitter.Emit(text is "" or "~" || text.Equals("null", StringComparison.OrdinalIgnoreCase)
            ? new Scalar(AnchorName.Empty, TagName.Empty, text, ScalarStyle.DoubleQuoted, isPlainImplicit: false, isQuotedImplicit: true)
            : new Scalar(text));
}

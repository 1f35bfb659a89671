using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Fovea.Transforms;

namespace Fovea.Training.Recipes;

/// <summary>Writes the reference of all recipe keys from the typed records and their documentation comments.</summary>
public static partial class RecipeReference
{
    /// <summary>The reference as Markdown: one table for the recipe and one for each of its sections.</summary>
    /// <exception cref="FoveaException">The documentation file (Fovea.xml) does not lie beside the program.</exception>
    public static string ToMarkdown()
    {
        var path = Path.ChangeExtension(typeof(Recipe).Assembly.Location, ".xml");
        if (!File.Exists(path))
            throw new FoveaException($"{path}: there is no such file; the reference of recipes is made from it");
        var summaries = XDocument.Load(path).Descendants("member").ToDictionary(static member => member.Attribute("name")!.Value, static member => Text(member.Element("summary")));
        var text = new StringBuilder("""
            # Recipe reference

            A recipe is a YAML file that holds everything `fovea train` needs to know. A key that is not listed here is an error.
            `--set a.b=c` on the command line replaces a value; entries of lists go by their number (`--set transforms.train.0.horizontal_flip.probability=1`).
            Every run writes its effective recipe, defaults included, into its folder. Patterns know `*` (any text) and `?` (any letter).


            """.ReplaceLineEndings("\n"));
        foreach (var (heading, type) in Sections(typeof(Recipe), ""))
            Write(text, heading, type, summaries);
        WriteTransforms(text);
        return text.ToString().TrimEnd('\n') + "\n";
    }

    private static IEnumerable<(string Heading, Type Type)> Sections(Type type, string path)
    {
        yield return (path, type);
        foreach (var (key, property) in RecipeShape.Keys(type))
        {
            var inner = RecipeShape.ListElement(property.PropertyType) ?? property.PropertyType;
            if (RecipeShape.IsSection(inner))
            {
                foreach (var section in Sections(inner, (path.Length == 0 ? key : $"{path}.{key}") + (inner == property.PropertyType ? "" : "[]")))
                    yield return section;
            }
        }
    }

    private static void Write(StringBuilder text, string heading, Type type, Dictionary<string, string> summaries)
    {
        text.Append(heading.Length == 0 ? "## Top level" : $"## `{heading}`").Append("\n\n").Append(summaries[$"T:{type.FullName}"]).Append("\n\n");
        text.Append("| Key | Type | Default | Meaning |\n| --- | --- | --- | --- |\n");
        var defaults = Activator.CreateInstance(type)!;
        foreach (var (key, property) in RecipeShape.Keys(type))
        {
            var meaning = summaries[$"P:{type.FullName}.{property.Name}"];
            if (property.GetCustomAttribute<OnlyForAttribute>() is { } only)
                meaning = $"({string.Join(", ", only.Names)}) {meaning}";
            text.Append($"| `{key}` | {TypeName(property)} | {Default(property, defaults)} | {meaning} |\n");
        }

        text.Append('\n');
    }

    private static void WriteTransforms(StringBuilder text)
    {
        text.Append("## The transforms\n\nThey act on pictures, boxes, masks, keypoints and label maps alike.\n\n");
        foreach (var entry in TransformFactory.Entries)
        {
            text.Append($"### `{entry.Name}`\n\n{entry.Summary}\n\n");
            if (entry.Parameters.Count == 0)
                continue;
            text.Append("| Parameter | Type | Default | Meaning |\n| --- | --- | --- | --- |\n");
            foreach (var parameter in entry.Parameters)
                text.Append($"| `{parameter.Name}` | {parameter.Kind} | {(parameter.Default is null ? "required" : parameter.Default.Length == 0 ? "" : $"`{parameter.Default}`")} | {parameter.Summary} |\n");
            text.Append('\n');
        }
    }

    private static string Default(PropertyInfo property, object defaults)
    {
        if (RecipeShape.IsRequired(property))
            return "required";
        var value = property.GetValue(defaults);
        return value switch
        {
            null => "",
            string text => $"`{text}`",
            System.Collections.IEnumerable list => list.Cast<object>().ToList() is { Count: > 0 } items ? $"`[{string.Join(", ", items.Select(RecipeWriter.Format))}]`" : "none",
            _ when RecipeShape.IsSection(value.GetType()) => "",
            _ => $"`{RecipeWriter.Format(value)}`",
        };
    }

    private static string TypeName(PropertyInfo property)
    {
        var range = property.GetCustomAttribute<WithinAttribute>() is { } within ? $", {within}" : "";
        return Name(Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType) + range;
    }

    private static string Name(Type type) => type switch
    {
        _ when type == typeof(string) => "text",
        _ when type == typeof(bool) => "true or false",
        _ when type == typeof(int) => "whole number",
        _ when type == typeof(double) => "number",
        { IsEnum: true } => string.Join(", ", Enum.GetNames(type).Select(static name => $"`{RecipeShape.SnakeCase(name)}`")),
        _ when type == typeof(TransformStep) => "transform",
        _ when RecipeShape.ListElement(type) is { } element => $"list of {Name(element)}",
        _ when RecipeShape.MapValue(type) is not null => "map",
        _ => "section",
    };

    private static string Text(XElement? summary)
    {
        if (summary is null)
            return "";
        var text = string.Concat(summary.Nodes().Select(static node => node switch
        {
            XElement { Name.LocalName: "c" } code => $"`{code.Value}`",
            XElement { Name.LocalName: "see" } see => $"`{see.Attribute("cref")?.Value.Split('.')[^1]}`",
            XElement other => other.Value,
            _ => node.ToString(),
        }));
        return Space().Replace(text, " ").Trim().Replace("|", "\\|", StringComparison.Ordinal);
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Space();
}

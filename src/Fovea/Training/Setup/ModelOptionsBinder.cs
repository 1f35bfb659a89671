using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using Fovea.Models;
using Fovea.Training.Recipes;

namespace Fovea.Training;

/// <summary>Turns the options of a recipe's network into those of its builder.</summary>
internal static class ModelOptionsBinder
{
    /// <param name="entry">The network.</param>
    /// <param name="section">What the recipe says.</param>
    /// <param name="classes">Foreground classes.</param>
    /// <param name="inChannels">Channels of the input.</param>
    /// <exception cref="FoveaException">The network has no such option, or the value is of the wrong kind.</exception>
    public static ModelOptions Bind(ModelEntry entry, ModelSection section, int classes, int inChannels)
    {
        var options = new ModelOptions { Outputs = entry.OutputsFor(classes), InChannels = inChannels };
        if (section.Options.Count == 0)
            return options;
        if (entry.Variation is null)
            throw new FoveaException($"{section.Options.First().Value.Origin}: model.options.{section.Options.First().Key}: {entry.Name} has no options");
        return options with { Variation = Apply(entry.Variation, section.Options) };
    }

    private static object Apply(object defaults, IReadOnlyDictionary<string, RecipeValue> given)
    {
        var kind = defaults.GetType();
        var known = kind.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(static p => p.CanWrite).Select(static p => RecipeShape.SnakeCase(p.Name)).ToList();
        var values = JsonSerializer.SerializeToNode(defaults, kind, ModelOptionNames.Json)!.AsObject();
        foreach (var (key, value) in given)
        {
            if (!known.Contains(key))
                throw new FoveaException($"{value.Origin}: model.options.{key}: there is no such option{NearestName.Suggest(key, known)}; there are {string.Join(", ", known)}");
            values[key] = Node(value);
            try
            {
                values.Deserialize(kind, ModelOptionNames.Json);
            }
            catch (JsonException e)
            {
                throw new FoveaException($"{value.Origin}: model.options.{key}: found {value}, expected a value of another kind (see the documentation of {kind.Name})", e);
            }
        }

        return values.Deserialize(kind, ModelOptionNames.Json)!;
    }

    private static JsonNode? Node(RecipeValue value) => value switch
    {
        { Items: { } items } => new JsonArray([.. items.Select(Node)]),
        { Text: "true" } => JsonValue.Create(true),
        { Text: "false" } => JsonValue.Create(false),
        { Text: { } text } => JsonValue.Create(text),
        _ => null,
    };
}

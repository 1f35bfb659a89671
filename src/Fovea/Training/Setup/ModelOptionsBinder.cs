using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Fovea.Models;
using Fovea.Training.Recipes;

namespace Fovea.Training;

/// <summary>Turns the options of a recipe's network into those of its builder.</summary>
internal static class ModelOptionsBinder
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        NumberHandling = JsonNumberHandling.AllowReadingFromString,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

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
        if (entry.Task is not (ModelTask.Detection or ModelTask.Instance))
            throw new FoveaException($"{section.Options.First().Value.Origin}: model.options.{section.Options.First().Key}: {entry.Name} has no options");
        return options with { Detector = Apply(options.Detector, section.Options) };
    }

    private static T Apply<T>(T defaults, IReadOnlyDictionary<string, RecipeValue> given) where T : class
    {
        var known = typeof(T).GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(static p => p.CanWrite).Select(static p => RecipeShape.SnakeCase(p.Name)).ToList();
        var values = JsonSerializer.SerializeToNode(defaults, Json)!.AsObject();
        foreach (var (key, value) in given)
        {
            if (!known.Contains(key))
                throw new FoveaException($"{value.Origin}: model.options.{key}: there is no such option{NearestName.Suggest(key, known)}; there are {string.Join(", ", known)}");
            values[key] = Node(value);
            try
            {
                values.Deserialize<T>(Json);
            }
            catch (JsonException e)
            {
                throw new FoveaException($"{value.Origin}: model.options.{key}: found {value}, expected a value of another kind (see the documentation of {typeof(T).Name})", e);
            }
        }

        return values.Deserialize<T>(Json)!;
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

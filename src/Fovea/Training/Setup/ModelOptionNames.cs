using System.Text.Json;
using System.Text.Json.Serialization;
using Fovea.Training.Recipes;

namespace Fovea.Training;

/// <summary>The options of a network as recipes write them.</summary>
public static class ModelOptionNames
{
    private static readonly RecipeNames Names = new();

    /// <summary>How the options of networks are written in JSON: as in recipes.</summary>
    internal static JsonSerializerOptions Json { get; } = new()
    {
        PropertyNamingPolicy = Names,
        NumberHandling = JsonNumberHandling.AllowReadingFromString,
        Converters = { new JsonStringEnumConverter(Names) },
    };

    /// <summary>Every option with the published value.</summary>
    /// <param name="variation">The options of a network, <see cref="Models.ModelEntry.Variation"/>.</param>
    public static IReadOnlyList<(string Name, string Published)> Describe(object variation) =>
        [.. JsonSerializer.SerializeToNode(variation, variation.GetType(), Json)!.AsObject().Select(static option => (option.Key, option.Value?.ToJsonString().Trim('"') ?? "null"))];

    private sealed class RecipeNames : JsonNamingPolicy
    {
        public override string ConvertName(string name) => RecipeShape.SnakeCase(name);
    }
}

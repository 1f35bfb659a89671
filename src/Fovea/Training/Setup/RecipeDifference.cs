using Fovea.Training.Recipes;

namespace Fovea.Training;

/// <summary>Where two recipes differ.</summary>
public static class RecipeDifference
{
    /// <summary>The keys that differ, with both values: "batch_size: 16 in the run, 32 now".</summary>
    /// <param name="saved">The recipe of the run.</param>
    /// <param name="given">What was asked for now.</param>
    public static IReadOnlyList<string> List(Recipe saved, Recipe given)
    {
        var (before, now) = (Flatten(saved), Flatten(given));
        return [.. before.Keys.Union(now.Keys, StringComparer.Ordinal)
            .Where(key => before.GetValueOrDefault(key) != now.GetValueOrDefault(key))
            .Select(key => $"{key}: {before.GetValueOrDefault(key) ?? "nothing"} in the run, {now.GetValueOrDefault(key) ?? "nothing"} now")];
    }

    private static OrderedDictionary<string, string> Flatten(Recipe recipe)
    {
        var values = new OrderedDictionary<string, string>(StringComparer.Ordinal);
        Add(values, "", YamlReader.Read(recipe.ToYaml(), "recipe"));
        return values;
    }

    private static void Add(OrderedDictionary<string, string> values, string path, RecipeValue value)
    {
        if (value.Text is { } text)
            values[path] = text;
        for (var i = 0; i < (value.Items?.Count ?? 0); i++)
            Add(values, $"{path}.{i}", value.Items![i]);
        foreach (var (key, entry) in value.Entries ?? new Dictionary<string, RecipeValue>())
            Add(values, path.Length == 0 ? key : $"{path}.{key}", entry);
    }
}

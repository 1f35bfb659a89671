using System.Globalization;

namespace Fovea.Training.Recipes;

/// <summary>Puts "--set a.b=c" into the values of a recipe before they are given their types.</summary>
internal static class RecipeOverrides
{
    public static RecipeValue Apply(RecipeValue root, string assignment) => Apply(root, assignment, "--set");

    /// <param name="root">The values.</param>
    /// <param name="assignment">Such as <c>a.b=c</c>.</param>
    /// <param name="option">What it was given to, for messages.</param>
    public static RecipeValue Apply(RecipeValue root, string assignment, string option)
    {
        var equals = assignment.IndexOf('=', StringComparison.Ordinal);
        if (equals <= 0)
            throw new FoveaException($"{option} {assignment}: expected a key and a value, such as {option} {(option == "--set" ? "optimizer.learning_rate=0.01" : "iterations=5")}");
        var origin = $"{option} {assignment}";
        var value = YamlReader.Read(assignment[(equals + 1)..], null, origin);
        var isBlank = value.EntryMap is { Count: 0 } && assignment[(equals + 1)..].Trim().Length == 0;
        return Put(root, assignment[..equals].Split('.'), 0, isBlank ? RecipeValue.OfText(null, origin) : value, origin);
    }

    private static RecipeValue Put(RecipeValue parent, string[] path, int depth, RecipeValue value, string origin)
    {
        if (depth == path.Length)
            return value;
        var key = path[depth];
        if (parent.ItemList is { } items)
        {
            if (!int.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out var index) || index >= items.Count)
                throw new FoveaException($"{origin}: found '{key}', expected the number of one of the {Counted.Of(items.Count, "entry")} of {string.Join('.', path[..depth])} (0 is the first)");
            return RecipeValue.OfList(items.Select((item, i) => i == index ? Put(item, path, depth + 1, value, origin) : item), parent.Origin);
        }

        // A name standing for itself without parameters (- flip) becomes a map when a parameter is given.
        var entries = new OrderedDictionary<string, RecipeValue>(parent.EntryMap ?? [], StringComparer.Ordinal);
        if (parent.Text == key)
            entries[key] = RecipeValue.OfText(null, parent.Origin);
        else if (parent.Text is not null)
            throw new FoveaException($"{origin}: {string.Join('.', path[..depth])} is the value '{parent.Text}', not a group of keys");
        entries[key] = Put(entries.GetValueOrDefault(key) ?? RecipeValue.OfText(null, origin), path, depth + 1, value, origin);
        return RecipeValue.OfMap(entries, parent.Origin);
    }
}

namespace Fovea.Training.Recipes;

/// <summary>
/// A value of a recipe before it is given its type: a text (numbers and truth values included), nothing, a list, or a map.
/// It knows where it was written, so that whoever gives it a type can say what is wrong and where.
/// </summary>
public sealed class RecipeValue
{
    private RecipeValue(string origin, string? text, List<RecipeValue>? items, OrderedDictionary<string, RecipeValue>? entries)
    {
        Origin = origin;
        Text = text;
        ItemList = items;
        EntryMap = entries;
    }

    /// <summary>Where the value was written: "recipe.yaml, line 12" or "--set optimizer.momentum=2".</summary>
    public string Origin { get; }

    /// <summary>The text of a scalar; null when the value is nothing, a list or a map.</summary>
    public string? Text { get; }

    /// <summary>The elements of a list, otherwise null.</summary>
    public IReadOnlyList<RecipeValue>? Items => ItemList;

    /// <summary>The entries of a map in the order written, otherwise null.</summary>
    public IReadOnlyDictionary<string, RecipeValue>? Entries => EntryMap;

    /// <summary>Whether the value is <c>null</c> (or left empty).</summary>
    public bool IsNull => Text is null && ItemList is null && EntryMap is null;

    internal List<RecipeValue>? ItemList { get; }

    internal OrderedDictionary<string, RecipeValue>? EntryMap { get; }

    /// <summary>A scalar, or nothing when <paramref name="text"/> is null.</summary>
    public static RecipeValue OfText(string? text, string origin) => new(origin, text, null, null);

    /// <summary>A list.</summary>
    public static RecipeValue OfList(IEnumerable<RecipeValue> items, string origin) => new(origin, null, [.. items], null);

    /// <summary>A map, in the order given.</summary>
    public static RecipeValue OfMap(IEnumerable<KeyValuePair<string, RecipeValue>> entries, string origin) =>
        new(origin, null, null, new OrderedDictionary<string, RecipeValue>(entries, StringComparer.Ordinal));

    /// <summary>What the value is, for messages.</summary>
    public override string ToString() => this switch
    {
        { Text: { } text } => $"'{text}'",
        { ItemList: { } items } => $"a list of {items.Count}",
        { EntryMap: { } entries } => entries.Count == 0 ? "an empty map" : $"a map with {string.Join(", ", entries.Keys)}",
        _ => "nothing",
    };
}

namespace Fovea.Data.Readers;

/// <summary>The classes of a public data set whose values are fixed, as a recipe wants them: all, or those it names in its order.</summary>
internal static class NamedClasses
{
    /// <summary>The classes to use.</summary>
    /// <param name="all">The data set's own.</param>
    /// <param name="options">What is asked for.</param>
    /// <param name="source">What the data set is called.</param>
    /// <param name="notes">Receives where the classes come from.</param>
    /// <exception cref="FoveaException">A class asked for is none of the data set's; the message offers the nearest.</exception>
    public static LabelSpace Choose(LabelSpace all, DatasetOptions options, string source, List<string> notes)
    {
        if (options.Labels is not { } labels)
        {
            notes.Add(ClassNames.Note(all, source));
            return all;
        }

        foreach (var name in labels.Names)
            all.IndexOf(name);
        if (labels.Count < all.Count)
            notes.Add($"{labels.Count} of the {Counted.Of(all.Count, "class")} of {source} are used, pixels of the others count for nothing");
        return labels;
    }

    /// <summary>The number of one of the data set's classes among those used, or <see cref="LabelMap.Ignore"/>.</summary>
    public static byte Number(LabelSpace used, string name) => used.TryIndexOf(name, out var index) ? (byte)index : LabelMap.Ignore;

    /// <summary>A decoder of masks whose values stand for names.</summary>
    /// <param name="used">The classes used.</param>
    /// <param name="values">The name of every legal value, null for no class.</param>
    public static MaskDecoder Decoder(LabelSpace used, IEnumerable<KeyValuePair<byte, string?>> values) => new(
        used, values.ToDictionary(static pair => pair.Key, pair => pair.Value is { } name && used.TryIndexOf(name, out _) ? name : DatasetOptions.NoClass));
}

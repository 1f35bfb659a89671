namespace Fovea;

/// <summary>
/// The foreground classes of a task, numbered 0, 1, 2 ... in a fixed order. Names and ids of files are mapped to these
/// numbers by the readers and never reach a network; background and ignore are the affair of the head. It travels in
/// every checkpoint so that training and testing cannot map differently.
/// </summary>
public sealed class LabelSpace : IEquatable<LabelSpace>
{
    private readonly Dictionary<string, int> indices;

    /// <summary>Creates the space from class names in order.</summary>
    /// <param name="names">The names of the foreground classes; unique and not empty.</param>
    /// <exception cref="FoveaException">A name is empty or appears twice.</exception>
    public LabelSpace(IEnumerable<string> names)
    {
        Names = [.. names];
        indices = new Dictionary<string, int>(Names.Count, StringComparer.Ordinal);
        foreach (var name in Names)
        {
            if (string.IsNullOrWhiteSpace(name))
                throw new FoveaException("class names: found an empty name, expected one name for every class");
            if (!indices.TryAdd(name, indices.Count))
                throw new FoveaException($"class names: found '{name}' twice, expected every name once");
        }
    }

    /// <summary>The class names in order.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>Number of foreground classes.</summary>
    public int Count => Names.Count;

    /// <summary>The name of a class.</summary>
    public string this[int index] => Names[index];

    /// <summary>Finds the number of a class by its exact name.</summary>
    public bool TryIndexOf(string name, out int index) => indices.TryGetValue(name, out index);

    /// <summary>The number of a class by its exact name.</summary>
    /// <exception cref="FoveaException">No class has this name; the message offers the nearest one.</exception>
    public int IndexOf(string name) => TryIndexOf(name, out var index)
        ? index
        : throw new FoveaException($"class '{name}' is not in the class map ({string.Join(", ", Names)}){NearestName.Suggest(name, Names)}");

    /// <inheritdoc/>
    public bool Equals(LabelSpace? other) => other is not null && Names.SequenceEqual(other.Names, StringComparer.Ordinal);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as LabelSpace);

    /// <inheritdoc/>
    public override int GetHashCode() => Names.Aggregate(17, (hash, name) => HashCode.Combine(hash, name));
}

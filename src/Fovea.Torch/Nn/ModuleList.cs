using System.Collections;
using System.Globalization;

namespace Fovea.Torch.Nn;

/// <summary>Modules named "0", "1", ...; what is done with them is the owner's affair.</summary>
/// <typeparam name="T">Type of the modules.</typeparam>
public sealed class ModuleList<T> : Module, IReadOnlyList<T> where T : Module
{
    private readonly List<T> modules = [];

    /// <summary>Creates the list.</summary>
    public ModuleList(params IEnumerable<T> modules)
    {
        foreach (var module in modules)
            Add(module);
    }

    /// <summary>Number of modules.</summary>
    public int Count => modules.Count;

    /// <summary>The module at a position.</summary>
    public T this[int index] => modules[index];

    /// <summary>Appends a module under the next number.</summary>
    public void Add(T module) => modules.Add(Child(modules.Count.ToString(CultureInfo.InvariantCulture), module));

    /// <inheritdoc/>
    public IEnumerator<T> GetEnumerator() => modules.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}

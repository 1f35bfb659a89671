namespace Fovea.Models.Backbones;

/// <summary>
/// Every backbone by name: the classifiers of <see cref="ModelCatalog"/> without their heads. They give their maps at all the
/// strides they have, finest first (ResNet also that before its first pool), so take those you need by <see cref="FeatureInfo.Stride"/>.
/// </summary>
public static class BackboneCatalog
{
    /// <summary>All backbones, by name.</summary>
    public static IReadOnlyList<BackboneEntry> All { get; } =
        [.. ModelCatalog.All.Where(static entry => entry.Backbone is not null).Select(static entry => new BackboneEntry(entry))];

    /// <summary>Finds a backbone by the exact name of its classifier, such as <c>resnet34</c>.</summary>
    /// <exception cref="FoveaException">There is none; the message offers the nearest.</exception>
    public static BackboneEntry Find(string name) => TryFind(name)
        ?? throw new FoveaException($"backbone: found '{name}', expected the name of a classifier that 'fovea models' lists{NearestName.Suggest(name, All.Select(static e => e.Name))}");

    /// <summary>Finds a backbone by the exact name of its classifier; null when there is none.</summary>
    public static BackboneEntry? TryFind(string name) => All.FirstOrDefault(e => e.Name == name);
}

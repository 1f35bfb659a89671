using Fovea.Torch.Nn;

namespace Fovea.Models;

/// <summary>Layers under the names that their weights have.</summary>
internal static class NamedLayers
{
    /// <summary>A layer under a name.</summary>
    public static KeyValuePair<string, Layer> Named(string name, Layer layer) => KeyValuePair.Create(name, layer);
}

using Fovea.Torch.Serialization;

namespace Fovea.Models.Backbones;

/// <summary>Loads classifiers' weights into backbones.</summary>
public static class BackboneWeights
{
    /// <summary>
    /// Loads a backbone from the weights of its classifier. Everything that the backbone has must be there; of the file only
    /// the head is left out, the tensors outside of the backbone's own modules.
    /// </summary>
    /// <param name="backbone">The backbone.</param>
    /// <param name="path">Safetensors, or a state dict of PyTorch.</param>
    /// <exception cref="FoveaException">The file cannot be read or is of another network; the backbone is as it was.</exception>
    public static LoadReport Load(Backbone backbone, string path)
    {
        using var file = WeightsFile.Open(path);
        return Load(backbone, file);
    }

    /// <summary>Loads a backbone from the open weights of its classifier.</summary>
    /// <inheritdoc cref="Load(Backbone, string)"/>
    /// <param name="backbone">The backbone.</param>
    /// <param name="file">The file.</param>
    public static LoadReport Load(Backbone backbone, WeightsFile file)
    {
        var own = backbone.StateDict().Select(static t => FirstPart(t.Key)).ToHashSet(StringComparer.Ordinal);
        return StateDict.Load(backbone, file, new PartialLoading("a backbone has no classifier", name => !own.Contains(FirstPart(name))));
    }

    private static string FirstPart(string name) => name.Split('.', 2)[0];
}

using Fovea.Torch;
using Fovea.Torch.Serialization;

namespace Fovea.Models.Backbones;

/// <summary>Loads classifiers' weights into backbones.</summary>
public static class BackboneWeights
{
    /// <summary>
    /// Loads a backbone from the weights of its classifier. Everything that the backbone has must be there; of the file only
    /// the head is left out, the tensors outside of the backbone's own modules. A first convolution that sees other channels than
    /// the classifier's gets its kernels adapted (<see cref="FirstConvolution"/>).
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
        bool IsHead(string name) => !own.Contains(FirstPart(name));
        const string Reason = "a backbone has no classifier";
        var (first, weight) = backbone.NamedParameters().First(static p => p.Value.Rank == 4);
        if (Adapted(StateDict.Named(backbone, file).GetValueOrDefault(first), weight) is not { } kernels)
            return StateDict.Load(backbone, file, new PartialLoading(Reason, IsHead));
        var report = StateDict.Load(backbone, file, new PartialLoading(Reason, name => name == first || IsHead(name)));
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        weight.CopyInPlace(StateDict.ToTensor(kernels));
        return report with { Loaded = report.Loaded + 1, Kept = [.. report.Kept.Where(name => name != first)], Converted = [.. report.Converted, first] };
    }

    // Null where nothing is to be adapted, or where adapting would not help.
    private static TensorData? Adapted(TensorData? given, Tensor weight)
    {
        if (given is not { Shape.Count: 4 } || given.Shape[1] == weight.Shape[1])
            return null;
        var adapted = FirstConvolution.Adapt(given, (int)weight.Shape[1]);
        return adapted.Shape.SequenceEqual(weight.Shape.ToArray()) ? adapted : null;
    }

    private static string FirstPart(string name) => name.Split('.', 2)[0];
}

using Fovea.Models;
using Fovea.Torch.Nn;
using Fovea.Torch.Serialization;

namespace Fovea.Training;

/// <summary>Networks of the catalogue with weights from a file.</summary>
public static class WeightedModel
{
    /// <summary>Builds a network to fit a weights file and loads it.</summary>
    /// <param name="entry">The network.</param>
    /// <param name="path">Safetensors, <c>.pth</c> or <c>.pt</c>.</param>
    /// <param name="outputs">Class count as <see cref="ModelOptions.Outputs"/> counts, or null to tell it from the weights.</param>
    /// <param name="inChannels">Channels of the input, or null for the network's usual ones.</param>
    /// <exception cref="FoveaException">The file cannot be read, or is of another network.</exception>
    public static VisionModel Load(ModelEntry entry, string path, int? outputs = null, int? inChannels = null) =>
        LoadWithOptions(entry, path, outputs, inChannels).Model;

    internal static (VisionModel Model, ModelOptions Options) LoadWithOptions(ModelEntry entry, string path, int? outputs = null, int? inChannels = null)
    {
        using var file = WeightsFile.Open(path);
        // All weights come from the file: drawing them first would only cost time.
        using var skip = Init.Skip();
        var options = ModelCard.Of(file)?.Options
            ?? entry.Fit([.. file.Tensors.Keys], new ModelOptions { Outputs = entry.DefaultOutputs, InChannels = entry.DefaultInChannels });
        options = options with { Outputs = outputs ?? options.Outputs, InChannels = inChannels ?? options.InChannels };
        var model = entry.Build(options);
        try
        {
            if (HeadShape.Infer(entry with { DefaultOutputs = options.Outputs }, model, file) is var inferred && inferred != options.Outputs)
            {
                if (outputs is { } wanted)
                    throw new FoveaException($"{path}: found weights for {Counted.Of(inferred, "class")}, expected {wanted}; {HeadShape.Remedy(path)}");
                model.Dispose();
                options = options with { Outputs = inferred };
                model = entry.Build(options);
            }

            Checkpoint.LoadWeights(model, file);
            return (model, options);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }
}

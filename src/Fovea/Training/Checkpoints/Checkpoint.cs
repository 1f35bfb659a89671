using System.Text.Json;
using Fovea.Models;
using Fovea.Torch;
using Fovea.Torch.Nn;
using Fovea.Torch.Optim;
using Fovea.Torch.Serialization;

namespace Fovea.Training;

/// <summary>
/// Checkpoints as safetensors. The weights have their published names; what training needs besides lies beside them under
/// names that begin as no layer's does: <c>optimizer/</c>, <c>average/</c>, <c>random/</c>, <c>preprocessing/</c>. Written whole or not at all.
/// </summary>
public static class Checkpoint
{
    private const string StateKey = "fovea.state", RecipeKey = "fovea.recipe", FiguresKey = "fovea.figures";
    private const string WhiteningMean = "preprocessing/whitening_mean", WhiteningMatrix = "preprocessing/whitening_matrix";
    private const string OptimizerPart = "optimizer/", AveragePart = "average/", CpuRandom = "random/cpu", CudaRandom = "random/cuda";
    // Layers of Caffe's networks have slashes in their names too.
    private static readonly string[] TrainingPart = [OptimizerPart, AveragePart, "random/", "preprocessing/"];

    /// <summary>Loads the weights of a checkpoint or any other weights file into a network; a running average goes before the weights it averages.</summary>
    /// <exception cref="FoveaException">The file cannot be read or does not fit.</exception>
    public static void LoadWeights(Module model, WeightsFile file)
    {
        // A compressed file has two matrices where the network is built with one.
        TruncatedSvd.Match(model, StateDict.Named(model, file).ToDictionary(static entry => entry.Key, static entry => entry.Value.Shape, StringComparer.Ordinal));
        if (!file.Metadata.ContainsKey(StateKey))
        {
            StateDict.Load(model, file, file.Tensors.ContainsKey(WhiteningMean) ? new PartialLoading("what is done to pictures is loaded apart", IsTrainingPart) : null);
            return;
        }

        var hasAverage = file.Tensors.Keys.Any(static name => name.StartsWith(AveragePart, StringComparison.Ordinal));
        if (!hasAverage)
        {
            StateDict.Load(model, file, new PartialLoading("what training needs besides is left out", IsTrainingPart));
            return;
        }

        LoadPart(file, AveragePart, model.StateDict());
    }

    /// <summary>Factors the linear layers of a network that are factored in a checkpoint, so that it can be continued.</summary>
    internal static void MatchLayers(VisionModel model, string path)
    {
        using var file = WeightsFile.Open(path);
        TruncatedSvd.Match(model, file.Tensors.ToDictionary(static entry => entry.Key, static entry => entry.Value.Shape, StringComparer.Ordinal));
    }

    /// <summary>The recipe that weights were trained with, or null when the file has none.</summary>
    /// <exception cref="FoveaException">The recipe is damaged.</exception>
    public static Recipe? RecipeOf(WeightsFile file) => file.Metadata.TryGetValue(RecipeKey, out var yaml) ? Recipe.Parse(yaml, file.Path) : null;

    /// <summary>The whitening that lies beside weights, or null.</summary>
    /// <exception cref="DataException">Half of it is missing.</exception>
    public static Whitening? WhiteningOf(WeightsFile file) => file.Tensors.ContainsKey(WhiteningMean)
        ? new Whitening(Entry(file, WhiteningMean).ToArray<float>(), Entry(file, WhiteningMatrix).ToArray<float>())
        : null;

    /// <summary>Saves a network that was changed after its training, with its card and the recipe of the weights it came from.</summary>
    /// <param name="path">The file to create or replace.</param>
    /// <param name="model">The network.</param>
    /// <param name="card">What must travel with it.</param>
    /// <param name="source">The weights it came from.</param>
    /// <exception cref="FoveaException">The file cannot be written; an old one is left as it was.</exception>
    public static void SaveChanged(string path, VisionModel model, ModelCard card, WeightsFile source)
    {
        using var scope = new TensorScope();
        StateDict.Save(path, [.. model.StateDict(), .. WhiteningState(model)], source.Metadata.Where(static entry => entry.Key == RecipeKey).Append(KeyValuePair.Create(ModelCard.Key, card.ToText())));
    }

    /// <summary>Whether a name belongs to training or to what is done to pictures, rather than to the network.</summary>
    public static bool IsTrainingPart(string name) => Array.Exists(TrainingPart, part => name.StartsWith(part, StringComparison.Ordinal));

    internal static void SaveWeights(string path, TrainingParts parts, IEnumerable<KeyValuePair<string, double>> figures, int epoch)
    {
        using var scope = new TensorScope();
        StateDict.Save(path, [.. parts.Model.StateDict(), .. WhiteningState(parts.Model)], Metadata(parts)
            .Append(KeyValuePair.Create(FiguresKey, JsonSerializer.Serialize(new Dictionary<string, double>(figures.Where(static m => double.IsFinite(m.Value))) { ["epoch"] = epoch }))));
    }

    internal static void Save(string path, TrainingParts parts, TrainingState state, Optimizer optimizer, WeightAverage? average)
    {
        using var scope = new TensorScope();
        List<KeyValuePair<string, Tensor>> tensors = [.. parts.Model.StateDict(), .. WhiteningState(parts.Model)];
        tensors.AddRange(optimizer.StateDict().Select(static entry => KeyValuePair.Create(OptimizerPart + entry.Key, entry.Value)));
        tensors.AddRange((average?.State ?? []).Select(static entry => KeyValuePair.Create(AveragePart + entry.Key, entry.Value)));
        tensors.Add(KeyValuePair.Create(CpuRandom, RandomState.Get()));
        if (parts.Arithmetic.Device.IsCuda)
            tensors.Add(KeyValuePair.Create(CudaRandom, RandomState.Get(parts.Arithmetic.Device)));
        StateDict.Save(path, tensors, Metadata(parts).Append(KeyValuePair.Create(StateKey, JsonSerializer.Serialize(state, TrainingState.Json))));
    }

    /// <summary>Where the run of a checkpoint stood.</summary>
    /// <exception cref="FoveaException">The file cannot be read or is no checkpoint of a run.</exception>
    internal static TrainingState StateOf(string path)
    {
        using var file = WeightsFile.Open(path);
        return StateOf(file);
    }

    internal static TrainingState Restore(string path, TrainingParts parts, Optimizer optimizer, WeightAverage? average, LossScaler? scaler)
    {
        using var scope = new TensorScope();
        using var file = WeightsFile.Open(path);
        var state = StateOf(file);
        if (ModelCard.Of(file) is { } card && !card.Labels.SequenceEqual(parts.Labels.Names, StringComparer.Ordinal))
        {
            throw new FoveaException(
                $"{path}: found a run of the classes {string.Join(", ", card.Labels)}, expected those of the data, {string.Join(", ", parts.Labels.Names)}; {HeadShape.Remedy(path)}, in a new run");
        }

        StateDict.Load(parts.Model, file, new PartialLoading("what training needs besides is loaded apart", IsTrainingPart));
        if (average is not null)
            LoadPart(file, AveragePart, average.State);
        optimizer.LoadStateDict(file.Tensors.Where(static entry => entry.Key.StartsWith(OptimizerPart, StringComparison.Ordinal))
            .ToDictionary(static entry => entry.Key[OptimizerPart.Length..], static entry => StateDict.ToTensor(entry.Value)));
        RandomState.Set(StateDict.ToTensor(Entry(file, CpuRandom)));
        if (parts.Arithmetic.Device.IsCuda)
            RandomState.Set(StateDict.ToTensor(Entry(file, CudaRandom)), parts.Arithmetic.Device);
        scaler?.Restore(state.LossScale, state.LossScaleAge);
        return state;
    }

    private static IEnumerable<KeyValuePair<string, Tensor>> WhiteningState(VisionModel model)
    {
        if (model.Preprocessing.Whitening is not { } whitening)
            yield break;
        var side = whitening.Mean.Count;
        yield return KeyValuePair.Create(WhiteningMean, Tensor.FromArray<float>([.. whitening.Mean]));
        yield return KeyValuePair.Create(WhiteningMatrix, Tensor.FromArray<float>([.. whitening.Matrix], [side, side]));
    }

    private static IEnumerable<KeyValuePair<string, string>> Metadata(TrainingParts parts) =>
    [
        KeyValuePair.Create(ModelCard.Key, parts.Card.ToText()),
        KeyValuePair.Create(RecipeKey, parts.Recipe.ToYaml()),
    ];

    private static TrainingState StateOf(WeightsFile file)
    {
        var path = file.Path;
        if (!file.Metadata.TryGetValue(StateKey, out var text))
            throw new DataException(path, StateKey, "weights alone", "the checkpoint of a run (last.safetensors)");
        try
        {
            var state = JsonSerializer.Deserialize<TrainingState>(text, TrainingState.Json);
            return state is { Epoch: >= 0, Batch: >= 0, Step: >= 0 and <= int.MaxValue, Evaluations: >= 0 and <= int.MaxValue } ? state : throw new JsonException("numbers that count nothing");
        }
        catch (JsonException e)
        {
            throw new DataException(path, StateKey, "a state that does not fit", "the state that this version writes", e);
        }
    }

    private static void LoadPart(WeightsFile file, string prefix, IEnumerable<KeyValuePair<string, Tensor>> targets)
    {
        using var noGrad = Autograd.NoGrad();
        foreach (var (name, target) in targets)
        {
            using var scope = new TensorScope();
            target.CopyInPlace(StateDict.ToTensor(Entry(file, prefix + name)).Reshape(target.Shape));
        }
    }

    private static TensorData Entry(WeightsFile file, string name) => file.Tensors.TryGetValue(name, out var data)
        ? data
        : throw new DataException(file.Path, name, "nothing", "what the run needs to continue (was it trained on another device or with other settings?)");
}

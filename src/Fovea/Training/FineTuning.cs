using Fovea.Models;
using Fovea.Torch;
using Fovea.Torch.Nn;
using Fovea.Torch.Serialization;

namespace Fovea.Training;

/// <summary>Starts a network from the weights of another training, whose classes may be others.</summary>
public static class FineTuning
{
    /// <summary>The options of a network that will take the weights: a checkpoint's own layout, or what the names in the file ask for.</summary>
    /// <exception cref="FoveaException">The file cannot be read, or is of another network.</exception>
    internal static ModelOptions Fit(ModelEntry entry, ModelOptions options, FineTuningSection section)
    {
        using var file = WeightsFile.Open(section.Weights, section.Section);
        if (OtherStart(entry, file) is not null)
            return options;
        if (ModelCard.Of(file) is { } card && card.Model != entry.Name)
        {
            throw new FoveaException($"{section.Weights}: holds weights of {card.Model}, expected weights of "
                + string.Join(" or ", entry.StartsFrom.Select(static start => start.Model).Prepend(entry.Name)));
        }

        return entry.Fit([.. file.Tensors.Keys], options);
    }

    /// <summary>What must be done to a picture with the weights of another network, where those say so.</summary>
    internal static Preprocessing? PreprocessingOf(ModelEntry entry, FineTuningSection section)
    {
        using var file = WeightsFile.Open(section.Weights, section.Section);
        return OtherStart(entry, file)?.Preprocessing;
    }

    /// <summary>
    /// Loads weights. Heads whose shape depends on the classes start afresh when the classes differ in number, or in name
    /// where the file says its names; everything else must fit. Of the weights of another network what is of use is taken, and
    /// what they lack starts afresh.
    /// </summary>
    /// <param name="entry">The network's entry, which names the other networks whose weights it may start from.</param>
    /// <param name="model">The network, built for the new classes.</param>
    /// <param name="labels">The new classes.</param>
    /// <param name="section">What the recipe says.</param>
    /// <returns>What was done, a line each: first a sentence, then every tensor that starts afresh.</returns>
    /// <exception cref="FoveaException">The file cannot be read, is of another model, or a pattern fits nothing.</exception>
    public static IReadOnlyList<string> Load(ModelEntry entry, VisionModel model, LabelSpace labels, FineTuningSection section)
    {
        using var file = WeightsFile.Open(section.Weights, section.Section);
        var state = model.StateDict();
        var start = OtherStart(entry, file);
        var given = start is null ? StateDict.Named(model, file) : Translated(start, state, file);
        // Of a compressed file two matrices are one layer, which is replaced or loaded as one.
        var shapes = TruncatedSvd.Whole(model, ShapesOf(given));
        var (replaced, reason) = section.Replace is { } patterns
            ? (NamePattern.Select([.. state.Select(static s => s.Key)], patterns, "fine_tuning.replace").ToHashSet(StringComparer.Ordinal), "the recipe replaces them")
            : Heads(model, state, labels, file, shapes);
        given = Without(given, replaced);
        TruncatedSvd.Match(model, ShapesOf(given));
        state = model.StateDict();
        if (start is not null)
        {
            var lacking = state.Where(entry => !given.ContainsKey(entry.Key) && !replaced.Contains(entry.Key)).Select(static entry => entry.Key).ToList();
            reason = lacking.Count == 0 ? reason : replaced.Count == 0 ? $"{start.Model} has nothing like them" : $"{reason} or {start.Model} has nothing like them";
            replaced.UnionWith(lacking);
        }

        bool LeavesOut(string name) => replaced.Contains(name) || Checkpoint.IsTrainingPart(name);
        var report = StateDict.Load(model, file, given, new PartialLoading(reason, LeavesOut));
        var lines = new List<string> { $"{section.Weights}: loaded {report.Loaded} of {Counted.Of(state.Count, "tensor")}" };
        if (start is not null)
            lines[0] += $" from the {file.Tensors.Keys.Count(static name => !Checkpoint.IsTrainingPart(name))} of {start.Model}";
        if (replaced.Count > 0)
            lines[0] += $"; {replaced.Count} start afresh because {reason}:";
        lines.AddRange(state.Where(entry => replaced.Contains(entry.Key)).Select(entry => $"  {entry.Key}: {Describe(shapes, entry.Key)} -> {Text(entry.Value.Shape)}"));
        return lines;
    }

    // A network's own weights never have the mark of another.
    private static StartingPoint? OtherStart(ModelEntry entry, WeightsFile file) => ModelCard.Of(file) is { } card
        ? card.Model == entry.Name ? null : entry.StartsFrom.FirstOrDefault(start => start.Model == card.Model)
        : entry.StartsFrom.FirstOrDefault(start => file.Tensors.ContainsKey(start.Mark));

    private static OrderedDictionary<string, TensorData> Translated(StartingPoint start, IReadOnlyList<KeyValuePair<string, Tensor>> state, WeightsFile file)
    {
        var wanted = state.ToDictionary(static entry => entry.Key, static entry => entry.Value, StringComparer.Ordinal);
        var given = new OrderedDictionary<string, TensorData>(StringComparer.Ordinal);
        foreach (var (name, data) in file.Tensors)
        {
            if (Checkpoint.IsTrainingPart(name))
                continue;
            Add(start.Rename(name), data);
            if (start.Twin?.Invoke(name, data) is { } twin)
                Add(twin.Key, twin.Value);
        }

        void Add(string? here, TensorData data)
        {
            if (here is not null && wanted.TryGetValue(here, out var tensor))
                given.Add(here, Shaped(data, tensor.Shape));
        }

        return given.Count > 0
            ? given
            : throw new FoveaException($"{file.Path}: found tensors such as {string.Join(", ", file.Tensors.Keys.Take(3))}, none of which this network can take over from {start.Model}");
    }

    // A linear layer becomes a convolution; a first convolution sees other channels.
    private static TensorData Shaped(TensorData data, Shape wanted)
    {
        if (data.Count == wanted.Count && data.Shape.Count != wanted.Rank)
            return data.Part(0, wanted.ToArray());
        var sees = data.Shape.Count == 4 && wanted.Rank == 4 && data.Shape[1] == 3 && data.Shape[1] != wanted[1] && data.Shape[0] == wanted[0];
        return sees ? FirstConvolution.Adapt(data, (int)wanted[1]) : data;
    }

    private static (HashSet<string> Names, string Reason) Heads(VisionModel model, IReadOnlyList<KeyValuePair<string, Tensor>> state, LabelSpace labels, WeightsFile file,
        IReadOnlyDictionary<string, IReadOnlyList<long>> given)
    {
        var heads = state.Where(entry => model.HeadPrefixes.Any(prefix => entry.Key.StartsWith(prefix, StringComparison.Ordinal))).ToList();
        var misfit = heads.FirstOrDefault(entry => given.TryGetValue(entry.Key, out var shape) && !shape.SequenceEqual(entry.Value.Shape.ToArray()));
        var before = ModelCard.Of(file)?.Labels;
        var renamed = before is not null && !before.SequenceEqual(labels.Names, StringComparer.Ordinal);
        if (misfit.Value is null && !renamed)
            return ([], "nothing");
        var reason = before is null
            ? $"{misfit.Key} is {Describe(given, misfit.Key)} in the file and {Text(misfit.Value!.Shape)} for {Counted.Of(labels.Count, "class")}"
            : $"the file's classes are {List(before)} and the data's are {List(labels.Names)}";
        return ([.. heads.Select(static entry => entry.Key)], reason);
    }

    private static Dictionary<string, IReadOnlyList<long>> ShapesOf(IReadOnlyDictionary<string, TensorData> given) =>
        given.ToDictionary(static entry => entry.Key, static entry => entry.Value.Shape, StringComparer.Ordinal);

    // The tensors of a file but those of layers that start afresh, factored or not.
    private static Dictionary<string, TensorData> Without(IReadOnlyDictionary<string, TensorData> given, HashSet<string> replaced)
    {
        var layers = replaced.Where(static name => name.EndsWith(".weight", StringComparison.Ordinal)).Select(static name => name[..^".weight".Length]).ToList();
        var factors = layers.SelectMany(static layer => (string[])[layer + ".0.weight", layer + ".1.weight", layer + ".1.bias"]).ToHashSet(StringComparer.Ordinal);
        return given.Where(entry => !replaced.Contains(entry.Key) && !factors.Contains(entry.Key)).ToDictionary(StringComparer.Ordinal);
    }

    private static string Describe(IReadOnlyDictionary<string, IReadOnlyList<long>> shapes, string name) => shapes.TryGetValue(name, out var shape) ? $"[{string.Join(", ", shape)}]" : "absent";

    private static string Text(Shape shape) => $"[{string.Join(", ", shape.ToArray())}]";

    private static string List(IReadOnlyList<string> names) =>
        $"{names.Count} ({string.Join(", ", names.Take(6))}{(names.Count > 6 ? ", ..." : "")})";
}

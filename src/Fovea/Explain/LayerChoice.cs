using Fovea.Models;
using Fovea.Models.Backbones;
using Fovea.Models.Classification;
using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Explain;

/// <summary>A layer with its full name.</summary>
/// <param name="Name">Its name in the state dict; a description in angle brackets for one that has none.</param>
/// <param name="Layer">The layer.</param>
public sealed record NamedLayer(string Name, Layer Layer);

/// <summary>Finds the layer that is looked at.</summary>
public static class LayerChoice
{
    /// <summary>The layer of a name.</summary>
    /// <exception cref="FoveaException">There is none, or the module is no layer; the message lists near ones.</exception>
    public static NamedLayer Find(Module network, string name)
    {
        var layers = network.NamedModules().Where(static part => part.Key.Length > 0 && part.Value is Layer).ToList();
        var found = layers.FirstOrDefault(part => part.Key == name);
        return found.Value is Layer layer ? new NamedLayer(name, layer) : throw Unknown(name, layers.Select(static part => part.Key));
    }

    /// <summary>
    /// The layer that explains best unless another is asked for: the map before the mean over the image where the head takes one, else
    /// the backbone's last stage, else the last map that a pool or a linear layer has not yet spoilt; in a U-shaped network the coarsest.
    /// </summary>
    /// <param name="model">The network.</param>
    /// <param name="images">A picture as it sees them, <c>[1, C, H, W]</c>.</param>
    /// <exception cref="FoveaException">No layer gives a map of more than one cell.</exception>
    public static NamedLayer Default(VisionModel model, Tensor images)
    {
        if (model is ImageClassifier classifier)
            return PooledHead.Find(classifier, images)?.Map ?? LastMap(model, images);
        var backbones = model.NamedModules().Where(static part => part.Value is Backbone).ToList();
        return backbones.Count > 0
            ? Find(model, string.Join('.', new[] { backbones[^1].Key, ((Backbone)backbones[^1].Value).Features[^1].Name }.Where(static part => part.Length > 0)))
            : CoarsestMap(model, images);
    }

    internal static FoveaException Unknown(string name, IEnumerable<string> known) =>
        new($"layer: found '{name}', which no layer is called; near ones are {string.Join(", ", NearestName.Several(name, known))} ('fovea info MODEL --depth 9' lists all)");

    // Behind the last convolution that has more than one cell, what norms, activations and sums make of it.
    private static NamedLayer LastMap(VisionModel model, Tensor images)
    {
        using var look = new NetworkLook(model, images);
        var convolution = look.Trace.Operators.ToList().FindLastIndex(static step => step.Name is "aten::conv2d" && IsMap(step.Results[0]));
        if (convolution < 0)
            throw NoMap(model);
        var end = look.Trace.Operators.ToList().FindIndex(convolution, static step => step.Name.Contains("pool", StringComparison.Ordinal) || step.Name is "aten::flatten" or "aten::mean");
        end = end < 0 ? look.Trace.Operators.Count : end;
        return look.Named.LastOrDefault(named => named.Call.End > convolution && named.Call.End <= end && IsMap(named.Call.Output)) is { Call: not null } last
            ? new NamedLayer(last.Name, last.Call.Layer)
            : throw NoMap(model);
    }

    private static NamedLayer CoarsestMap(VisionModel model, Tensor images)
    {
        using var look = new NetworkLook(model, images);
        var maps = look.Named.Where(static named => IsMap(named.Call.Output)).ToList();
        if (maps.Count == 0)
            throw NoMap(model);
        var least = maps.Min(static named => Cells(named.Call.Output));
        var coarsest = maps.Last(named => Cells(named.Call.Output) == least);
        return new NamedLayer(coarsest.Name, coarsest.Call.Layer);
    }

    private static bool IsMap(TracedTensor tensor) => tensor.Shape.Rank == 4 && Cells(tensor) > 1;

    private static long Cells(TracedTensor tensor) => tensor.Shape[2] * tensor.Shape[3];

    private static FoveaException NoMap(VisionModel model) => new($"explain: found no layer of {model.GetType().Name} that gives a map of more than one cell, expected one; name a layer with --layer, or show a larger picture");

    /// <summary>A run of the network with the calls of its named layers, in the order they ended.</summary>
    private sealed class NetworkLook : IDisposable
    {
        private readonly TensorScope scope = new();

        public NetworkLook(VisionModel model, Tensor images)
        {
            using var noGrad = Autograd.NoGrad();
            Trace = new OperatorTrace();
            NetworkRun.On(model, images);
            var names = model.NamedModules().Where(static part => part.Key.Length > 0 && part.Value is Layer).DistinctBy(static part => part.Value).ToDictionary(static part => part.Value, static part => part.Key);
            // Of calls that end together the outer comes first in the trace; taken last it gives the shorter name.
            Named = [.. Trace.Calls.Where(call => names.ContainsKey(call.Layer)).Reverse().OrderBy(static call => call.End).Select(call => (names[call.Layer], call))];
        }

        public OperatorTrace Trace { get; }

        public IReadOnlyList<(string Name, LayerCall Call)> Named { get; }

        public void Dispose()
        {
            Trace.Dispose();
            scope.Dispose();
        }
    }
}

using Fovea.Models;
using Fovea.Models.Backbones;
using Fovea.Models.Classification;
using Fovea.Models.Segmentation;
using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Explain;

/// <summary>A layer, or another module that gives one tensor, with its full name.</summary>
/// <param name="Name">Its name in the state dict; a description in angle brackets for one that has none.</param>
/// <param name="Layer">The layer.</param>
public sealed record NamedLayer(string Name, SingleOutputModule Layer);

/// <summary>Finds the layer that is looked at.</summary>
public static class LayerChoice
{
    /// <summary>The layer of a name.</summary>
    /// <exception cref="FoveaException">There is none, or the module is no layer; the message lists near ones.</exception>
    public static NamedLayer Find(Module network, string name)
    {
        var parts = network.NamedModules().Where(static part => part.Key.Length > 0).ToList();
        var layers = parts.Where(static part => part.Value is SingleOutputModule).Select(static part => part.Key).ToList();
        return parts.FirstOrDefault(part => part.Key == name).Value switch
        {
            SingleOutputModule layer => new NamedLayer(name, layer),
            { } part when layers.Where(layer => layer.StartsWith(name + ".", StringComparison.Ordinal)).ToList() is { Count: > 0 } inner =>
                throw new FoveaException($"layer: found '{name}', a {part.GetType().Name}, which does not give one tensor, expected a layer; those in it are {string.Join(", ", inner.Take(5))}{(inner.Count > 5 ? ", ..." : "")}"),
            _ => throw Unknown(name, layers),
        };
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
        return LastBackbone(model) is { } backbone ? Find(model, Joined(backbone.Name, backbone.Part.Features[^1].Name)) : CoarsestMap(model, images);
    }

    /// <summary>
    /// The layer in which what is asked about is seen best: of a class that of <see cref="Default(VisionModel, Tensor)"/>, of a box the level of the
    /// pyramid that it is read from, of a region the last map before the scores that is coarser than the picture.
    /// </summary>
    /// <param name="subject">What is asked.</param>
    /// <exception cref="FoveaException">No layer gives a map of more than one cell.</exception>
    public static NamedLayer Default(Subject subject) => TargetLayer.Of(subject);

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

    /// <summary>The last map of a segmenter that is neither of scores yet nor as fine as the picture, where it would be little but the scores.</summary>
    internal static NamedLayer LastBeforeScores(Segmenter model, Tensor images)
    {
        using var look = new NetworkLook(model, images);
        var classes = look.Trace.Operators.Last(static step => step.Results.Count > 0 && step.Results[0].Shape.Rank == 4).Results[0].Shape[1];
        var maps = look.Named.Where(named => IsMap(named.Call.Output) && named.Call.Output.Shape[1] != classes).ToList();
        if (maps.Count == 0)
            throw NoMap(model);
        var coarser = maps.FindLastIndex(named => 4 * Cells(named.Call.Output) <= images.Shape[2] * images.Shape[3]);
        var (name, call) = maps[coarser < 0 ? maps.Count - 1 : coarser];
        return new NamedLayer(name, call.Layer);
    }

    private static (string Name, Backbone Part)? LastBackbone(VisionModel model) =>
        model.NamedModules().LastOrDefault(static part => part.Value is Backbone) is { Value: Backbone backbone } found ? (found.Key, backbone) : null;

    private static string Joined(string prefix, string name) => prefix.Length == 0 ? name : $"{prefix}.{name}";

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
            var names = model.NamedModules().Where(static part => part.Key.Length > 0 && part.Value is SingleOutputModule).DistinctBy(static part => part.Value).ToDictionary(static part => part.Value, static part => part.Key);
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

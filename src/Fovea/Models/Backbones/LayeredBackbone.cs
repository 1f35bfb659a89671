using Fovea.Torch;
using Fovea.Torch.Nn;
using Fovea.Torch.Serialization;

namespace Fovea.Models.Backbones;

/// <summary>
/// A backbone that is layers one after another, some of which give the maps that heads and necks build on: what every
/// classifier without a backbone of its own in the literature is below its head.
/// </summary>
public sealed class LayeredBackbone : Backbone, IRenamedWeights
{
    private readonly Sequential layers;
    private readonly List<string> names = [];
    private readonly List<Layer> steps = [];

    /// <summary>Adopts the layers.</summary>
    /// <param name="name">Prefix of the layers in the state dict; empty when their names stand at the network's level.</param>
    /// <param name="layers">The layers.</param>
    /// <param name="inChannels">Channels of the images.</param>
    /// <param name="features">The maps it gives, finest first, each under the full name of the layer that makes it, the last layer among them.</param>
    /// <exception cref="ArgumentException">A map is named after no layer, or the last layer's is not among them.</exception>
    public LayeredBackbone(string name, Sequential layers, int inChannels, params IReadOnlyList<FeatureInfo> features)
    {
        InChannels = inChannels;
        Features = features;
        this.layers = Child(name, layers);
        AddSteps(name, layers);
        foreach (var feature in features)
            PositionOf(feature.Name);
        var coarsest = features.Count == 0 ? "none" : features[^1].Name;
        if (coarsest != names[^1])
            throw new ArgumentException($"found {coarsest} as the coarsest map, expected that of the last layer, {names[^1]}", nameof(features));
    }

    /// <inheritdoc/>
    public override int InChannels { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<FeatureInfo> Features { get; }

    /// <summary>The name here of a tensor that older weights call otherwise.</summary>
    internal Func<string, string> Renames { get; init; } = static name => name;

    /// <inheritdoc/>
    public override IReadOnlyList<Tensor> Forward(Tensor images, params ReadOnlySpan<int> stages)
    {
        // As a whole, so that what listens on it hears of it.
        if (stages.Length == 1 && stages[0] == Features.Count - 1)
            return [layers.Forward(images)];
        return RunStages(null, steps, images, stages.Length == 0
            ? [.. Features.Select(feature => PositionOf(feature.Name))]
            : [.. stages.ToArray().Select(stage => PositionOf(Features[stage].Name))]);
    }

    /// <inheritdoc/>
    string? IRenamedWeights.CurrentName(string name) => Renames(name);

    /// <summary>What some of the layers give, in the order asked for.</summary>
    /// <param name="images"><c>[N, C, H, W]</c>.</param>
    /// <param name="ends">Full names of the layers.</param>
    internal IReadOnlyList<Tensor> MapsOf(Tensor images, params IEnumerable<string> ends) => RunStages(null, steps, images, [.. ends.Select(PositionOf)]);

    // A layer of layers counts as one, unless a map is taken from within.
    private void AddSteps(string prefix, Module parent)
    {
        foreach (var (child, module) in parent.Children)
        {
            var name = prefix.Length == 0 ? child : $"{prefix}.{child}";
            if (Features.Any(feature => feature.Name.StartsWith(name + ".", StringComparison.Ordinal)))
            {
                AddSteps(name, module);
                continue;
            }

            names.Add(name);
            steps.Add((Layer)module);
        }
    }

    private int PositionOf(string name) => names.IndexOf(name) is >= 0 and var position
        ? position
        : throw new ArgumentException($"found '{name}', expected the name of a layer, one of {string.Join(", ", names)}", nameof(name));
}

using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Models.Classification;

/// <summary>Chains of layers beside each other on one input, whose outputs are joined along the channels: an Inception module.</summary>
internal sealed class ParallelChains : Layer
{
    private readonly List<Layer[]> chains = [];

    /// <summary>Appends a chain, whose layers become children under their names; its output comes behind those of the chains before.</summary>
    /// <returns>This.</returns>
    public ParallelChains Chain(params ReadOnlySpan<(string Name, Layer Layer)> layers)
    {
        var chain = new Layer[layers.Length];
        for (var i = 0; i < chain.Length; i++)
            chain[i] = Child(layers[i].Name, layers[i].Layer);
        chains.Add(chain);
        return this;
    }

    protected override Tensor Compute(Tensor input) => Aten.Cat([.. chains.Select(chain => Run(chain, input))], 1);

    /// <summary>Applies layers one after another and frees what lies between; the input stays.</summary>
    public static Tensor Run(IReadOnlyList<Layer> layers, Tensor input)
    {
        var current = layers[0].Forward(input);
        foreach (var layer in layers.Skip(1))
            current = layer.Consume(current);
        return current;
    }
}

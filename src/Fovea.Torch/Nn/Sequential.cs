using System.Globalization;

namespace Fovea.Torch.Nn;

/// <summary>Layers one after another, named "0", "1", ... or as given.</summary>
public sealed class Sequential : Layer
{
    private readonly List<Layer> layers = [];
    private readonly Dictionary<int, ConvolutionNorm> pairAt = [];

    /// <summary>Creates the chain with numbered names.</summary>
    public Sequential(params IEnumerable<Layer> layers)
    {
        foreach (var layer in layers)
            Add(layer);
    }

    /// <summary>Creates the chain with given names.</summary>
    public Sequential(IEnumerable<KeyValuePair<string, Layer>> layers)
    {
        foreach (var (name, layer) in layers)
            Add(name, layer);
    }

    /// <summary>Number of layers.</summary>
    public int Count => layers.Count;

    /// <summary>The layer at a position.</summary>
    public Layer this[int index] => layers[index];

    /// <summary>Appends a layer under the next number.</summary>
    public void Add(Layer layer) => Add(layers.Count.ToString(CultureInfo.InvariantCulture), layer);

    /// <summary>Appends a layer under a name.</summary>
    public void Add(string name, Layer layer)
    {
        layers.Add(Child(name, layer));
        if (layers.Count > 1 && layers[^2] is Convolution convolution && ConvolutionNorm.CanFold(layer))
            pairAt[layers.Count - 2] = Pair(convolution, layer);
    }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input)
    {
        var current = input;
        for (var i = 0; i < layers.Count; i++)
        {
            var isOwn = !ReferenceEquals(current, input);
            if (pairAt.TryGetValue(i, out var pair))
            {
                current = isOwn ? pair.Consume(current) : pair.Forward(current);
                i++;
            }
            else
            {
                current = isOwn ? layers[i].Consume(current) : layers[i].Forward(current);
            }
        }

        return current;
    }
}

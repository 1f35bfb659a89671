using System.Globalization;
using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Models.Classification;

/// <summary>
/// What networks share that are convolutions to the end: the last one gives a map for every class, whose mean is the score.
/// Any size of image from the smallest on which every layer has a cell.
/// </summary>
public abstract class PlainConvolutions : ImageClassifier
{
    private readonly Sequential layers;
    private readonly int smallest;
    private readonly string last;

    /// <summary>Adopts the layers.</summary>
    /// <param name="layers">The layers with the names of the state dict, the convolution to the classes among the last.</param>
    /// <param name="smallest">The smallest side of an image on which every layer has a cell, pixels.</param>
    private protected PlainConvolutions(IEnumerable<KeyValuePair<string, Layer>> layers, int smallest)
    {
        this.layers = Child("", new Sequential(layers));
        this.smallest = smallest;
        last = this.layers.Children.Last(static child => child.Value is Conv2d).Key;
        foreach (var (name, tensor) in NamedParameters())
        {
            if (name.EndsWith("weight", StringComparison.Ordinal))
                Init.KaimingNormal(tensor);
            else
                Init.Constant(tensor, 0);
        }
    }

    /// <inheritdoc/>
    public sealed override IReadOnlyList<string> HeadPrefixes => [last + "."];

    /// <inheritdoc/>
    /// <exception cref="FoveaException">The images are smaller than the network can take.</exception>
    public sealed override Tensor Logits(Tensor images)
    {
        if (images.Rank != 4 || images.Shape[2] < smallest || images.Shape[3] < smallest)
            throw new FoveaException($"{GetType().Name}: found images {images.Shape}, expected [N, C, H, W] with sides of at least {smallest}, from which its last convolutions still have a cell; enlarge the pictures in the preprocessing");
        using var scope = new TensorScope();
        return scope.Keep(layers.Forward(images).Mean([2, 3]));
    }

    /// <summary>A convolution and its ReLU under a name.</summary>
    private protected static IEnumerable<KeyValuePair<string, Layer>> Activated(string name, Conv2d convolution) =>
    [
        KeyValuePair.Create<string, Layer>(name, convolution),
        KeyValuePair.Create<string, Layer>("relu_" + name, new ReLU(inPlace: true)),
    ];

    /// <summary>A layer without weights, under a name of its kind and a number.</summary>
    private protected static KeyValuePair<string, Layer> Named(string kind, int number, Layer layer) =>
        KeyValuePair.Create(kind + number.ToString(CultureInfo.InvariantCulture), layer);
}

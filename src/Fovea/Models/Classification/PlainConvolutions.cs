using System.Globalization;
using Fovea.Models.Backbones;
using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Models.Classification;

/// <summary>
/// What networks share that are convolutions to the end: the last one gives a map for every class, whose mean is the score.
/// Any size of image from the smallest on which every layer has a cell.
/// </summary>
public abstract class PlainConvolutions : ImageClassifier
{
    private readonly Layer activation;
    private readonly Conv2d last;
    private readonly string lastName;
    private readonly int smallest;

    /// <summary>Puts the last convolution on the others.</summary>
    /// <param name="backbone">All convolutions but the last.</param>
    /// <param name="lastName">Name of the 1x1 convolution to the classes, which a ReLU follows.</param>
    /// <param name="classes">Number of classes, K.</param>
    /// <param name="options">What differs from the published network.</param>
    /// <param name="smallest">The smallest side of an image on which every layer has a cell, pixels.</param>
    private protected PlainConvolutions(LayeredBackbone backbone, string lastName, int classes, PlainOptions options, int smallest)
    {
        Backbone = Child("", backbone);
        (this.lastName, this.smallest) = (lastName, smallest);
        last = Child(lastName, new Conv2d(backbone.Features[^1].Channels, classes, 1));
        activation = Child("relu_" + lastName, options.Activation.Make());
        Initialise(last);
    }

    /// <inheritdoc/>
    public sealed override Backbone Backbone { get; }

    /// <inheritdoc/>
    public sealed override IReadOnlyList<string> HeadPrefixes => [lastName + "."];

    /// <inheritdoc/>
    /// <exception cref="FoveaException">The images are smaller than the network can take.</exception>
    public sealed override Tensor Logits(Tensor images)
    {
        if (images.Rank != 4 || images.Shape[2] < smallest || images.Shape[3] < smallest)
            throw new FoveaException($"{GetType().Name}: found images {images.Shape}, expected [N, C, H, W] with sides of at least {smallest}, from which its last convolutions still have a cell; enlarge the pictures in the preprocessing");
        using var scope = new TensorScope();
        return scope.Keep(activation.Consume(last.Consume(Backbone.Last(images))).Mean([2, 3]));
    }

    /// <summary>Layers with the names of the state dict as a backbone with weights of He et al. 2015.</summary>
    private protected static LayeredBackbone BackboneOf(IEnumerable<KeyValuePair<string, Layer>> layers, int inChannels, params IReadOnlyList<FeatureInfo> features)
    {
        var backbone = new LayeredBackbone("", new Sequential(layers), inChannels, features);
        Initialise(backbone);
        return backbone;
    }

    /// <summary>A convolution, its norm if there is one, and its activation under a name.</summary>
    private protected static IEnumerable<KeyValuePair<string, Layer>> Activated(string name, Conv2d convolution, PlainOptions options)
    {
        yield return KeyValuePair.Create<string, Layer>(name, convolution);
        if (options.Norm != NormKind.None)
            yield return KeyValuePair.Create("norm_" + name, options.Norm.Of(convolution.OutChannels));
        yield return KeyValuePair.Create("relu_" + name, options.Activation.Make());
    }

    /// <summary>A layer without weights, under a name of its kind and a number.</summary>
    private protected static KeyValuePair<string, Layer> Named(string kind, int number, Layer layer) =>
        KeyValuePair.Create(kind + number.ToString(CultureInfo.InvariantCulture), layer);

    private static void Initialise(Module part)
    {
        foreach (var (_, module) in part.NamedModules())
        {
            if (module is not Conv2d convolution)
                continue;
            Init.KaimingNormal(convolution.Weight);
            Init.Constant(convolution.Bias!, 0);
        }
    }
}

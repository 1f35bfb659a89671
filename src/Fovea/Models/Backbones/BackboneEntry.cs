namespace Fovea.Models.Backbones;

/// <summary>A backbone of the catalogue.</summary>
public sealed class BackboneEntry
{
    private readonly ModelEntry classifier;

    internal BackboneEntry(ModelEntry classifier) => this.classifier = classifier;

    /// <summary>Name of the classifier it is taken from, whose weights it loads (see <see cref="BackboneWeights"/>).</summary>
    public string Name => classifier.Name;

    /// <summary>Authors and title in short.</summary>
    public string Paper => classifier.Paper;

    /// <summary>Channels of the reference's images.</summary>
    public int DefaultInChannels => classifier.DefaultInChannels;

    /// <summary>Makes the backbone with fresh weights.</summary>
    /// <param name="options">Channels and stride; colour and as published when null.</param>
    /// <exception cref="FoveaException">It cannot keep its maps as fine as was asked.</exception>
    public Backbone Build(BackboneOptions? options = null)
    {
        options ??= new BackboneOptions { InChannels = DefaultInChannels };
        var backbone = classifier.Backbone!(options);
        var stride = backbone.Features[^1].Stride;
        if (options.OutputStride is not { } wanted || wanted == stride)
            return backbone;
        backbone.Dispose();
        throw new FoveaException($"backbone {Name}: found output stride {wanted}, expected {stride}, the only one it has; those of ResNet's kin can also be 8 and 16");
    }
}

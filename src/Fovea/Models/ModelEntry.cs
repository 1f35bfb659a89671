using Fovea.Models.Backbones;
using Fovea.Models.Detection;

namespace Fovea.Models;

/// <summary>What a model is built with; a network itself never sees a configuration.</summary>
public sealed record ModelOptions
{
    /// <summary>Number of classes as the reference implementation counts them (with background where its head has one).</summary>
    public required int Outputs { get; init; }

    /// <summary>Channels of the input.</summary>
    public int InChannels { get; init; } = 3;

    /// <summary>What a detector may do otherwise than the published one; other networks have no use for it.</summary>
    public DetectorOptions Detector { get; init; } = new();
}

/// <summary>A network of the catalogue.</summary>
/// <param name="Name">Its name on the command line; torchvision's where it has the model.</param>
/// <param name="Task">What it says about an image.</param>
/// <param name="Paper">Authors and title in short.</param>
/// <param name="Year">Year of publication.</param>
/// <param name="DefaultOutputs">Class count of the reference weights, as <see cref="ModelOptions.Outputs"/> counts.</param>
/// <param name="Parameters">Trainable parameters at the default class count.</param>
/// <param name="Build">Makes the network with fresh weights.</param>
public sealed record ModelEntry(
    string Name, ModelTask Task, string Paper, int Year, int DefaultOutputs, long Parameters, Func<ModelOptions, VisionModel> Build)
{
    /// <summary>Whether the head counts a background class besides the foreground ones.</summary>
    public bool HasBackground { get; init; }

    /// <summary>Channels of the reference's input.</summary>
    public int DefaultInChannels { get; init; } = 3;

    /// <summary>The kinds of weights file it loads, such as <c>safetensors</c> and <c>torchvision .pth</c>.</summary>
    public IReadOnlyList<string> Weights { get; init; } = ["safetensors", "torchvision .pth"];

    /// <summary>
    /// Changes options to those that a weights file's names ask for (such as norms that are constants); call it before
    /// <see cref="Build"/> when the network will be given weights.
    /// </summary>
    public Func<IReadOnlyCollection<string>, ModelOptions, ModelOptions> Fit { get; init; } = static (_, options) => options;

    /// <summary>Makes what a classifier has below its head; null for other networks. <see cref="BackboneCatalog"/> lists them.</summary>
    public Func<BackboneOptions, Backbone>? Backbone { get; init; }

    /// <summary>Class count of the head for a number of foreground classes.</summary>
    public int OutputsFor(int classes) => HasBackground ? classes + 1 : classes;
}

using System.Text.Json.Serialization;
using Fovea.Models.Backbones;

namespace Fovea.Models;

/// <summary>What a model is built with; a network itself never sees a configuration.</summary>
public sealed record ModelOptions
{
    /// <summary>Number of classes as the reference implementation counts them (with background where its head has one).</summary>
    public required int Outputs { get; init; }

    /// <summary>Channels of the input.</summary>
    public int InChannels { get; init; } = 3;

    /// <summary>Whether each class is a question of its own, so that none, one or several may be true of an image; for classifiers.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool MultiLabel { get; init; }

    /// <summary>
    /// What differs from the published network: a record of the kind of <see cref="ModelEntry.Variation"/>, or null for the
    /// published network.
    /// </summary>
    public object? Variation { get; init; }

    /// <summary>What differs from the published network, as the network's own builder reads it.</summary>
    /// <param name="published">What the published network is made with.</param>
    /// <typeparam name="T">The record of options that this network knows.</typeparam>
    /// <exception cref="FoveaException">The options are those of another network.</exception>
    public T Varied<T>(T published) where T : class => Variation switch
    {
        null => published,
        T own => own,
        var other => throw new FoveaException($"model options: found {other.GetType().Name}, expected {typeof(T).Name}, the options that this network knows"),
    };
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

    /// <summary>
    /// What may differ from the published network, with the published values; its properties are the keys of <c>model.options</c> in
    /// recipes. Null when nothing may.
    /// </summary>
    public object? Variation { get; init; }

    /// <summary>The kinds of weights file it loads, such as <c>safetensors</c> and <c>torchvision .pth</c>.</summary>
    public IReadOnlyList<string> Weights { get; init; } = ["safetensors", "torchvision .pth"];

    /// <summary>Other networks whose weights its training may start from, besides its own.</summary>
    public IReadOnlyList<StartingPoint> StartsFrom { get; init; } = [];

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

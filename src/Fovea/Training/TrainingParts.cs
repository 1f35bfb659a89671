using Fovea.Models;

namespace Fovea.Training;

/// <summary>What takes part in a training.</summary>
public sealed record TrainingParts
{
    /// <summary>How to train.</summary>
    public required Recipe Recipe { get; init; }

    /// <summary>The network; the caller disposes it.</summary>
    public required VisionModel Model { get; init; }

    /// <summary>Batches to train on.</summary>
    public required IBatchSource Training { get; init; }

    /// <summary>Batches to evaluate on, or null; then the training loss decides.</summary>
    public IBatchSource? Validation { get; init; }

    /// <summary>The classes.</summary>
    public required LabelSpace Labels { get; init; }

    /// <summary>Device and precision.</summary>
    public Arithmetic Arithmetic { get; init; } = Arithmetic.Plain;

    /// <summary>Where to write, or null to write nothing.</summary>
    public RunFolder? Folder { get; init; }

    /// <summary>What the network was built with; null for a network that is not in the catalogue.</summary>
    public ModelOptions? Options { get; init; }

    /// <summary>Steps of the optimizer in an epoch.</summary>
    internal int StepsPerEpoch => (Training.BatchesPerEpoch + Recipe.Accumulation - 1) / Recipe.Accumulation;

    /// <summary>What travels with the weights.</summary>
    public ModelCard Card => new()
    {
        Model = Recipe.Model.Name,
        Task = Model.Task,
        Options = Options ?? new ModelOptions { Outputs = Labels.Count, InChannels = Model.Preprocessing.Mean.Count },
        Labels = Labels.Names,
        Preprocessing = Model.Preprocessing,
        Transforms = Recipe.Transforms.Eval,
        Views = Recipe.Views,
        Crf = Recipe.Crf,
    };
}

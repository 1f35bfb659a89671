using Fovea.Training.Recipes;

namespace Fovea.Training;

/// <summary>What is done to images and their labels, in order, before the preprocessing.</summary>
public sealed record TransformSection
{
    /// <summary>The transforms of training, in order: a name (<c>- horizontal_flip</c>), or a name with parameters (<c>- horizontal_flip: {probability: 0.5}</c>).</summary>
    public IReadOnlyList<TransformStep> Train { get; init; } = [];

    /// <summary>
    /// The transforms of evaluation and prediction, in order; usually none. Only those that treat a picture the same every time:
    /// <c>resize</c>, <c>shorter_side</c>, <c>letterbox</c>, <c>centre_crop</c> (for classification), <c>pad</c>, <c>greyscale</c>. They travel with the weights.
    /// </summary>
    public IReadOnlyList<TransformStep> Eval { get; init; } = [];

    /// <summary>Whether the size rule of the preprocessing follows the training transforms; false when they end at the network's size themselves, as <c>random_resized_crop</c> does.</summary>
    public bool ResizeInTraining { get; init; } = true;
}

/// <summary>One transform of a recipe by its name.</summary>
/// <param name="Name">Name of the transform in snake case.</param>
/// <param name="Parameters">Its parameters by name; those left out have their defaults.</param>
/// <param name="Origin">Where it was written, for messages.</param>
public sealed record TransformStep(string Name, IReadOnlyDictionary<string, RecipeValue> Parameters, string Origin);

using Fovea.Training.Recipes;

namespace Fovea.Training;

/// <summary>The network of a recipe. The number of classes comes from the data.</summary>
public sealed record ModelSection
{
    /// <summary>Name of the network, as <c>fovea models</c> lists it.</summary>
    public required string Name { get; init; }

    /// <summary>What differs from the published network, by name: <c>fovea info NAME</c> lists the options of a network with the published values, such as <c>anchor_sizes</c> and <c>score_threshold</c> of detectors.</summary>
    public IReadOnlyDictionary<string, RecipeValue> Options { get; init; } = new Dictionary<string, RecipeValue>();
}

/// <summary>Weights to start from.</summary>
public sealed record FineTuningSection
{
    /// <summary>The weights file: safetensors, <c>.pth</c> or <c>.pt</c>.</summary>
    public required string Weights { get; init; }

    /// <summary>The part of a nested checkpoint to take, such as <c>model_ema</c>; left out, it is found by its usual names.</summary>
    public string? Section { get; init; }

    /// <summary>
    /// Names of tensors that are initialised afresh instead of loaded, as patterns; left out, the layers whose shape depends on
    /// the number of classes when that number differs. Anything else that does not match is an error.
    /// </summary>
    public IReadOnlyList<string>? Replace { get; init; }
}

/// <summary>When to stop before the last epoch.</summary>
public sealed record EarlyStoppingSection
{
    /// <summary>Evaluations without improvement after which the run stops.</summary>
    [Within(1, 1000000)]
    public required int Patience { get; init; }

    /// <summary>The figure to watch; left out, the recipe's <c>metric</c>.</summary>
    public string? Metric { get; init; }

    /// <summary>The least change that counts as an improvement.</summary>
    [Within(0)]
    public double MinimumChange { get; init; }
}

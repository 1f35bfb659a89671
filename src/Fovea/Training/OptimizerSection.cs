using Fovea.Training.Recipes;

namespace Fovea.Training;

/// <summary>How weights follow their gradients.</summary>
public sealed record OptimizerSection
{
    /// <summary><c>sgd</c>, <c>adam</c>, <c>adamw</c> or <c>rmsprop</c>.</summary>
    public required OptimizerKind Name { get; init; }

    /// <summary>The learning rate, before warm-up and schedule.</summary>
    [Within(0)]
    public required double LearningRate { get; init; }

    /// <summary>The share of the last step that is kept.</summary>
    [Within(0, 1)]
    [OnlyFor("sgd", "rmsprop")]
    public double Momentum { get; init; }

    /// <summary>The share of a gradient that does not enter the momentum.</summary>
    [Within(0, 1)]
    [OnlyFor("sgd")]
    public double Dampening { get; init; }

    /// <summary>Whether the step looks ahead along the momentum; asks for a momentum and no dampening.</summary>
    [OnlyFor("sgd")]
    public bool Nesterov { get; init; }

    /// <summary>Decay of the running means of gradients and of their squares.</summary>
    [Within(0, 0.9999999)]
    [Counts(2)]
    [OnlyFor("adam", "adamw")]
    public IReadOnlyList<double> Betas { get; init; } = [0.9, 0.999];

    /// <summary>Decay of the running mean of squared gradients.</summary>
    [Within(0, 1)]
    [OnlyFor("rmsprop")]
    public double Alpha { get; init; } = 0.99;

    /// <summary>Whether the squared mean gradient is taken off, so that the divisor is a standard deviation.</summary>
    [OnlyFor("rmsprop")]
    public bool Centered { get; init; }

    /// <summary>Whether <c>epsilon</c> is added under the root, as TensorFlow has it and Inception was trained with (epsilon 1), rather than to the root.</summary>
    [OnlyFor("rmsprop")]
    public bool EpsilonUnderRoot { get; init; }

    /// <summary>Added to the divisor so that it is never zero.</summary>
    [Within(0, Above = true)]
    [OnlyFor("adam", "adamw", "rmsprop")]
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>How much weights shrink: added to the gradient as L2 penalty (sgd, adam, rmsprop) or taken off the weights directly (adamw).</summary>
    [Within(0)]
    public double WeightDecay { get; init; }

    /// <summary>Weight decay of the parameters of normalisation layers; left out, the same as of all others.</summary>
    [Within(0)]
    public double? NormWeightDecay { get; init; }

    /// <summary>
    /// Factor between the learning rates of one layer and of the layer behind it, counted back from the last, which has the whole
    /// rate (layer-wise learning rates for transfer learning); 1 is the same rate for all. A layer is what shares the first part of
    /// its parameters' names, with the number that follows it (<c>conv1</c>, <c>layer1.0</c>, <c>features.3</c>).
    /// </summary>
    [Within(0, 1, Above = true)]
    public double LayerDecay { get; init; } = 1;

    /// <summary>Parameters that are treated differently; the first group whose pattern fits a parameter counts.</summary>
    public IReadOnlyList<ParameterGroupSection> Groups { get; init; } = [];
}

/// <summary>Parameters that are treated differently from the others.</summary>
public sealed record ParameterGroupSection
{
    /// <summary>Names of the parameters, as patterns (<c>backbone.*</c>).</summary>
    public required IReadOnlyList<string> Parameters { get; init; }

    /// <summary>Factor on the learning rate.</summary>
    [Within(0)]
    public double LearningRateFactor { get; init; } = 1;

    /// <summary>Weight decay in place of the optimizer's; left out, the optimizer's.</summary>
    [Within(0)]
    public double? WeightDecay { get; init; }
}

/// <summary>The optimizers.</summary>
public enum OptimizerKind
{
    /// <summary>Stochastic gradient descent with momentum.</summary>
    Sgd,

    /// <summary>Adam, weight decay as an L2 penalty.</summary>
    Adam,

    /// <summary>Adam with weight decay apart from the gradient.</summary>
    Adamw,

    /// <summary>Steps divided by a running mean of gradient magnitudes.</summary>
    Rmsprop,
}

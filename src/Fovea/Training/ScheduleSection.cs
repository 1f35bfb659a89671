using Fovea.Training.Recipes;

namespace Fovea.Training;

/// <summary>How the learning rate moves over time.</summary>
public sealed record ScheduleSection
{
    /// <summary><c>constant</c>, <c>step</c>, <c>multi_step</c>, <c>cosine</c>, <c>polynomial</c> or <c>plateau</c>.</summary>
    public ScheduleKind Name { get; init; } = ScheduleKind.Constant;

    /// <summary>Whether the rate changes after every <c>epoch</c> or after every <c>step</c> of the optimizer; <c>step_size</c> and <c>milestones</c> count epochs either way.</summary>
    [OnlyFor("step", "multi_step", "cosine", "polynomial")]
    public ScheduleUnit By { get; init; } = ScheduleUnit.Epoch;

    /// <summary>Epochs over which the rate rises from <c>warmup_factor</c> of itself to the whole, step by step; 0 is none. Cosine and polynomial begin when it ends.</summary>
    [Within(0)]
    public double WarmupEpochs { get; init; }

    /// <summary>The same counted in steps of the optimizer; give one of the two.</summary>
    [Within(0, int.MaxValue)]
    public int WarmupSteps { get; init; }

    /// <summary>The share of the learning rate that warm-up starts from.</summary>
    [Within(0, 1)]
    public double WarmupFactor { get; init; } = 0.001;

    /// <summary>Epochs between drops.</summary>
    [Within(0, Above = true)]
    [OnlyFor("step")]
    public double StepSize { get; init; } = 30;

    /// <summary>Epochs at which the rate drops, rising.</summary>
    [Within(0)]
    [OnlyFor("multi_step")]
    public IReadOnlyList<double> Milestones { get; init; } = [];

    /// <summary>Factor of a drop.</summary>
    [Within(0, 1)]
    [OnlyFor("step", "multi_step", "plateau")]
    public double Gamma { get; init; } = 0.1;

    /// <summary>Exponent of the fall to zero; 1 is a straight line.</summary>
    [Within(0, 100, Above = true)]
    [OnlyFor("polynomial")]
    public double Power { get; init; } = 0.9;

    /// <summary>The share of the learning rate that is never fallen below.</summary>
    [Within(0, 1)]
    [OnlyFor("cosine", "plateau")]
    public double FinalFactor { get; init; }

    /// <summary>Evaluations without improvement of the recipe's <c>metric</c> after which the rate drops.</summary>
    [Within(0, 1000000)]
    [OnlyFor("plateau")]
    public int Patience { get; init; } = 10;

    /// <summary>The least relative change that counts as an improvement.</summary>
    [Within(0, 1)]
    [OnlyFor("plateau")]
    public double Threshold { get; init; } = 1e-4;
}

/// <summary>A running average of the weights.</summary>
public sealed record EmaSection
{
    /// <summary>The share of the average that is kept at every step.</summary>
    [Within(0, 0.9999999)]
    public double Decay { get; init; } = 0.999;

    /// <summary>Steps over which the decay grows from 0 to its value, as 1 - exp(-step / this); 0 uses the whole decay at once.</summary>
    [Within(0)]
    public double RampSteps { get; init; }
}

/// <summary>A limit on gradients, applied before every step.</summary>
public sealed record ClippingSection
{
    /// <summary><c>norm</c> scales all gradients so that their joint L2 norm is at most the limit; <c>value</c> cuts every element to plus or minus the limit.</summary>
    public ClippingKind Name { get; init; } = ClippingKind.Norm;

    /// <summary>The limit.</summary>
    [Within(0, Above = true)]
    public required double Limit { get; init; }
}

/// <summary>The ways the learning rate can move.</summary>
public enum ScheduleKind
{
    /// <summary>Not at all.</summary>
    Constant,

    /// <summary>Drops after every so many epochs.</summary>
    Step,

    /// <summary>Drops at given epochs.</summary>
    MultiStep,

    /// <summary>Falls along half a cosine.</summary>
    Cosine,

    /// <summary>Falls along a power of the time left.</summary>
    Polynomial,

    /// <summary>Drops when the metric no longer improves.</summary>
    Plateau,
}

/// <summary>When the learning rate changes.</summary>
public enum ScheduleUnit
{
    /// <summary>After every epoch.</summary>
    Epoch,

    /// <summary>After every step of the optimizer.</summary>
    Step,
}

/// <summary>How gradients are limited.</summary>
public enum ClippingKind
{
    /// <summary>By their joint norm.</summary>
    Norm,

    /// <summary>Element by element.</summary>
    Value,
}

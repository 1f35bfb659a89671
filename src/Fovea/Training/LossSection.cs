using Fovea.Data.Statistics;
using Fovea.Training.Recipes;

namespace Fovea.Training;

/// <summary>A part of the loss of a semantic network, where the parts are added, or the <c>cross_entropy</c> of a classifier.</summary>
public sealed record LossSection
{
    /// <summary><c>cross_entropy</c>, <c>dice</c>, <c>jaccard</c>, <c>tversky</c>, <c>focal</c>, <c>lovasz_softmax</c>, <c>lovasz_hinge</c> (two classes) or <c>hard_pixels</c> (cross entropy of the hard pixels alone).</summary>
    public required LossKind Name { get; init; }

    /// <summary>Factor on this part.</summary>
    [Within(0, Above = true)]
    public double Weight { get; init; } = 1;

    /// <summary>Weight of every class, in the order of the classes; left out, they weigh alike.</summary>
    [Within(0)]
    [OnlyFor("cross_entropy", "focal")]
    public IReadOnlyList<double>? ClassWeights { get; init; }

    /// <summary>Weights of the classes by how often they occur in the training data, in place of <c>class_weights</c>: <c>inverse_frequency</c>, <c>median_frequency</c> or <c>logarithmic</c>.</summary>
    [OnlyFor("cross_entropy", "focal")]
    public ClassWeighting? ClassWeighting { get; init; }

    /// <summary>Share of the target that is spread evenly over all classes.</summary>
    [Within(0, 1)]
    [OnlyFor("cross_entropy")]
    public double LabelSmoothing { get; init; }

    /// <summary>How much less pixels count that are nearly right.</summary>
    [Within(0)]
    [OnlyFor("focal")]
    public double Gamma { get; init; } = 2;

    /// <summary>Added above and below the fraction, so that classes without pixels have a gradient; left out, 1, and 1e-7 of <c>tversky</c>.</summary>
    [Within(0)]
    [OnlyFor("dice", "jaccard", "tversky")]
    public double? Smooth { get; init; }

    /// <summary>Whether the sums in the denominator are of squares.</summary>
    [OnlyFor("dice")]
    public bool Squared { get; init; }

    /// <summary>Whether the first class takes part.</summary>
    [OnlyFor("dice", "jaccard", "tversky")]
    public bool IncludeBackground { get; init; } = true;

    /// <summary>Whether classes without a pixel in the batch count as 0, instead of punishing every false positive.</summary>
    [OnlyFor("dice", "jaccard", "tversky")]
    public bool SkipAbsent { get; init; }

    /// <summary>Weight of what was missed.</summary>
    [Within(0)]
    [OnlyFor("tversky")]
    public double MissWeight { get; init; } = 0.7;

    /// <summary>Weight of what was found wrongly.</summary>
    [Within(0)]
    [OnlyFor("tversky")]
    public double FalseAlarmWeight { get; init; } = 0.3;

    /// <summary>Power that the loss of every class is raised to; other than 1 it is the focal Tversky loss.</summary>
    [Within(0, Above = true)]
    [OnlyFor("tversky")]
    public double Exponent { get; init; } = 1;

    /// <summary>The probability of the true class from which a pixel is easy.</summary>
    [Within(0, 1, Above = true)]
    [OnlyFor("hard_pixels")]
    public double Threshold { get; init; } = 0.7;
}

/// <summary>The losses of semantic networks.</summary>
public enum LossKind
{
    /// <summary>Softmax cross entropy.</summary>
    CrossEntropy,

    /// <summary>Soft Dice.</summary>
    Dice,

    /// <summary>Soft intersection over union.</summary>
    Jaccard,

    /// <summary>Dice with weights of its own for what was missed and what was found wrongly.</summary>
    Tversky,

    /// <summary>Cross entropy that nearly right pixels count less in.</summary>
    Focal,

    /// <summary>The Lovász extension of the intersection over union, of probabilities.</summary>
    LovaszSoftmax,

    /// <summary>The Lovász extension of the intersection over union, of margins; two classes.</summary>
    LovaszHinge,

    /// <summary>Cross entropy of the hard pixels alone.</summary>
    HardPixels,
}

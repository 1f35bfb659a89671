using Fovea.Data.Statistics;
using Fovea.Losses;
using Fovea.Training.Recipes;

namespace Fovea.Training;

/// <summary>A part of the loss of a semantic network, where the parts are added, or the <c>cross_entropy</c> (with several labels an image <c>binary_cross_entropy</c>) of a classifier.</summary>
public sealed record LossSection
{
    /// <summary><c>cross_entropy</c>, <c>dice</c>, <c>jaccard</c>, <c>tversky</c>, <c>focal</c>, <c>lovasz_softmax</c>, <c>lovasz_hinge</c> (two classes), <c>hard_pixels</c>, <c>top_pixels</c> or <c>hard_negatives</c> (cross entropy of some pixels alone), <c>binary_cross_entropy</c>, <c>generalized_dice</c>, <c>hardness_dice</c>, <c>boundary</c> or <c>hausdorff</c>.</summary>
    public required LossKind Name { get; init; }

    /// <summary>Factor on this part.</summary>
    [Within(0, Above = true)]
    public double Weight { get; init; } = 1;

    /// <summary>Weight of every class, in the order of the classes; left out, they weigh alike. With several labels an image, of every label what a missed one costs against a false one.</summary>
    [Within(0)]
    [OnlyFor("cross_entropy", "focal", "binary_cross_entropy")]
    public IReadOnlyList<double>? ClassWeights { get; init; }

    /// <summary>Weights of the classes by how often they occur in the training data, in place of <c>class_weights</c>: <c>inverse_frequency</c>, <c>median_frequency</c>, <c>logarithmic</c> or, with several labels an image, <c>negative_ratio</c>.</summary>
    [OnlyFor("cross_entropy", "focal", "binary_cross_entropy")]
    public ClassWeighting? ClassWeighting { get; init; }

    /// <summary>Share of the target that is spread evenly over all classes.</summary>
    [Within(0, 1)]
    [OnlyFor("cross_entropy")]
    public double LabelSmoothing { get; init; }

    /// <summary>How much less pixels count that are nearly right.</summary>
    [Within(0)]
    [OnlyFor("focal")]
    public double Gamma { get; init; } = 2;

    /// <summary>Added above and below the fraction, so that classes without pixels have a gradient; left out, 1, 1e-7 of <c>tversky</c> and 1e-5 of <c>hardness_dice</c>.</summary>
    [Within(0)]
    [OnlyFor("dice", "jaccard", "tversky", "hardness_dice")]
    public double? Smooth { get; init; }

    /// <summary>Whether the sums in the denominator are of squares.</summary>
    [OnlyFor("dice")]
    public bool Squared { get; init; }

    /// <summary>Whether the first class takes part; left out, true, and false for <c>boundary</c> and <c>hausdorff</c>.</summary>
    [OnlyFor("dice", "jaccard", "tversky", "generalized_dice", "hardness_dice", "boundary", "hausdorff")]
    public bool? IncludeBackground { get; init; }

    /// <summary>Whether classes without a pixel in the batch count as 0, instead of punishing every false positive.</summary>
    [OnlyFor("dice", "jaccard", "tversky", "generalized_dice", "hardness_dice")]
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

    /// <summary>Pixels of a batch that count at least; left out, a sixteenth of them.</summary>
    [Within(1)]
    [OnlyFor("hard_pixels")]
    public int? MinKept { get; init; }

    /// <summary>Pixels of an image that count.</summary>
    [Within(1)]
    [OnlyFor("top_pixels")]
    public int Kept { get; init; } = 4096;

    /// <summary>Background pixels that count for each foreground pixel.</summary>
    [Within(0, Above = true)]
    [OnlyFor("hard_negatives")]
    public double Ratio { get; init; } = 3;

    /// <summary>Weight of what belongs to a class against what does not.</summary>
    [Within(0, Above = true)]
    [OnlyFor("binary_cross_entropy")]
    public double PositiveWeight { get; init; } = 1;

    /// <summary>Whether the losses of pixels are averaged (<c>mean</c>, which divides those of <c>cross_entropy</c> by the sum of the weights of classes and pixels; <c>pixel_mean</c> by the number of pixels that count) or summed (<c>sum</c>).</summary>
    [OnlyFor("cross_entropy", "focal")]
    public LossReduction Reduction { get; init; }

    /// <summary>Whether each class has a sigmoid of its own instead of a softmax over all.</summary>
    [OnlyFor("focal")]
    public bool Sigmoid { get; init; }

    /// <summary>Weight of what belongs to a class, 1 less it of what does not; for <c>sigmoid: true</c>. Left out, both weigh alike.</summary>
    [Within(0, 1)]
    [OnlyFor("focal")]
    public double? Alpha { get; init; }

    /// <summary>Whether the loss is −log of the fraction instead of 1 less it.</summary>
    [OnlyFor("jaccard")]
    public bool Logarithm { get; init; }

    /// <summary>How much the weight of a pixel depends on its error: 0 is Dice.</summary>
    [Within(0, 1)]
    [OnlyFor("hardness_dice")]
    public double Hardness { get; init; } = 0.6;

    /// <summary>Whether the weights of pixels are constants to the gradient.</summary>
    [OnlyFor("hardness_dice")]
    public bool DetachWeights { get; init; }

    /// <summary>Power of distances: how much more far errors cost.</summary>
    [Within(0, Above = true)]
    [OnlyFor("hausdorff")]
    public double Power { get; init; } = 2;

    /// <summary>Weights of pixels that stress narrow gaps between objects, as the U-Net paper trains; for data with a mask for each object.</summary>
    [OnlyFor("cross_entropy")]
    public BorderWeightsSection? BorderWeights { get; init; }

    /// <summary>How a factor on this part changes from epoch to epoch, times <c>weight</c>; left out, it does not.</summary>
    public LossScheduleSection? Schedule { get; init; }

    /// <summary>The factor on this part in an epoch.</summary>
    /// <param name="epoch">Epoch, from 0.</param>
    public double WeightAt(int epoch) => Weight * (Schedule?.At(epoch) ?? 1);
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

    /// <summary>Cross entropy of the hardest pixels of every image, a fixed number.</summary>
    TopPixels,

    /// <summary>Cross entropy of the foreground and the hardest pixels of the background.</summary>
    HardNegatives,

    /// <summary>Cross entropy of sigmoids.</summary>
    BinaryCrossEntropy,

    /// <summary>Dice over all classes at once, small ones weighing as much as large ones.</summary>
    GeneralizedDice,

    /// <summary>Dice whose pixels weigh by their error.</summary>
    HardnessDice,

    /// <summary>Probabilities times distances to the true border.</summary>
    Boundary,

    /// <summary>Errors times distances to the true and the predicted border.</summary>
    Hausdorff,
}

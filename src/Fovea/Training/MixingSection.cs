using Fovea.Training.Recipes;

namespace Fovea.Training;

/// <summary>How pictures of a training batch are mixed with each other, their classes in the same proportion; for classification.</summary>
public sealed record MixingSection
{
    /// <summary>Shape of mixup's proportions (Zhang et al. 2018): whole pictures are blended; 1 draws all proportions alike, small values leave one picture nearly pure. 0 is no mixup.</summary>
    [Within(0, 1000)]
    public double Mixup { get; init; }

    /// <summary>Shape of CutMix's proportions (Yun et al. 2019): a rectangle comes from the other picture. 0 is no CutMix. With both, each batch draws one of the two.</summary>
    [Within(0, 1000)]
    public double Cutmix { get; init; }

    /// <summary>Share of the batches that are mixed.</summary>
    [Within(0, 1)]
    public double Probability { get; init; } = 1;
}

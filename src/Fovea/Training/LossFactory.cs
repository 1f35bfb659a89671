using Fovea.Losses;
using Fovea.Models;
using Fovea.Models.Segmentation;
using Fovea.Training.Recipes;

namespace Fovea.Training;

/// <summary>Makes the losses that a recipe describes.</summary>
public static class LossFactory
{
    /// <summary>Makes the parts of the loss of a semantic network.</summary>
    /// <param name="sections">What the recipe says.</param>
    /// <param name="classes">Number of classes.</param>
    /// <exception cref="FoveaException">A loss does not fit the number of classes.</exception>
    public static IReadOnlyList<PixelCriterion> Create(IReadOnlyList<LossSection> sections, int classes)
    {
        for (var i = 0; i < sections.Count; i++)
            Check(sections[i], sections.Count == 1 ? "loss" : $"loss.{i}", classes);
        return [.. sections.Select(static section => new PixelCriterion(RecipeShape.SnakeCase(section.Name.ToString()), Loss(section), section.Weight))];
    }

    /// <summary>Whether a recipe may choose the loss of a network.</summary>
    /// <exception cref="FoveaException">It does, and the network is none that gives a class for every pixel.</exception>
    internal static void CheckTask(IReadOnlyList<LossSection> sections, ModelEntry entry)
    {
        if (sections.Count > 0 && entry.Task != ModelTask.Semantic)
            throw new FoveaException($"loss: found with {entry.Name}, whose loss is part of the network, expected it with semantic networks only; leave it out");
    }

    /// <summary>Gives a network the losses of a recipe; without any it keeps its own.</summary>
    /// <exception cref="FoveaException">A loss does not fit the number of classes.</exception>
    internal static void Apply(IReadOnlyList<LossSection> sections, VisionModel model, int classes)
    {
        if (sections.Count > 0)
            ((Segmenter)model).Criteria = Create(sections, classes);
    }

    private static void Check(LossSection section, string key, int classes)
    {
        if (section.ClassWeights is { } weights && weights.Count != classes)
            throw new FoveaException($"{key}.class_weights: found {weights.Count} numbers, expected {classes}, one for each class");
        if (section.Name == LossKind.LovaszHinge && classes != 2)
            throw new FoveaException($"{key}.name: found lovasz_hinge for {classes} classes, expected two; lovasz_softmax takes any number");
        if (!section.IncludeBackground && classes < 2)
            throw new FoveaException($"{key}.include_background: found false for one class, expected another beside it");
    }

    private static IPixelLoss Loss(LossSection section) => section.Name switch
    {
        LossKind.CrossEntropy => new CrossEntropy { IgnoreIndex = LabelMap.Ignore, ClassWeights = Weights(section), LabelSmoothing = section.LabelSmoothing },
        LossKind.Dice => new Dice
        {
            Smooth = section.Smooth ?? 1, IsSquared = section.Squared, IncludesBackground = section.IncludeBackground, SkipsAbsentClasses = section.SkipAbsent,
        },
        LossKind.Jaccard => new Jaccard { Smooth = section.Smooth ?? 1, IncludesBackground = section.IncludeBackground, SkipsAbsentClasses = section.SkipAbsent },
        LossKind.Tversky => new Tversky
        {
            Smooth = section.Smooth ?? Tversky.DefaultSmooth, IncludesBackground = section.IncludeBackground, SkipsAbsentClasses = section.SkipAbsent,
            MissWeight = section.MissWeight, FalseAlarmWeight = section.FalseAlarmWeight, Exponent = section.Exponent,
        },
        LossKind.Focal => new Focal { Gamma = section.Gamma, ClassWeights = Weights(section) },
        LossKind.LovaszSoftmax => new LovaszSoftmax(),
        LossKind.LovaszHinge => new LovaszHinge(),
        _ => new HardPixelCrossEntropy { Threshold = section.Threshold },
    };

    private static float[]? Weights(LossSection section) => section.ClassWeights?.Select(static weight => (float)weight).ToArray();
}

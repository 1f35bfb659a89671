using Fovea.Data.Statistics;
using Fovea.Losses;
using Fovea.Models;
using Fovea.Models.Classification;
using Fovea.Models.Segmentation;
using Fovea.Training.Recipes;

namespace Fovea.Training;

/// <summary>Makes the losses that a recipe describes.</summary>
public static class LossFactory
{
    /// <summary>Makes the parts of the loss of a semantic network.</summary>
    /// <param name="sections">What the recipe says.</param>
    /// <param name="classes">Number of classes.</param>
    /// <param name="weights">Gives the weights of the classes of the training data; needed where a section asks for a class weighting.</param>
    /// <exception cref="FoveaException">A loss does not fit the number of classes.</exception>
    public static IReadOnlyList<PixelCriterion> Create(IReadOnlyList<LossSection> sections, int classes, Func<ClassWeighting, float[]>? weights = null)
    {
        sections = [.. sections.Select(section => Weighted(section, weights))];
        for (var i = 0; i < sections.Count; i++)
            Check(sections[i], sections.Count == 1 ? "loss" : $"loss.{i}", classes);
        return [.. sections.Select(static section => new PixelCriterion(RecipeShape.SnakeCase(section.Name.ToString()), Loss(section), section.Weight))];
    }

    /// <summary>Whether a recipe may choose the loss of a network.</summary>
    /// <exception cref="FoveaException">It does, and the network is none that gives a class for every pixel.</exception>
    internal static void CheckTask(IReadOnlyList<LossSection> sections, ModelEntry entry)
    {
        if (sections.Count > 0 && entry.Task is not (ModelTask.Semantic or ModelTask.Classification))
            throw new FoveaException($"loss: found with {entry.Name}, whose loss is part of the network, expected it with semantic networks and classifiers only; leave it out");
        if (entry.Task == ModelTask.Classification && sections is not ([] or [{ Name: LossKind.CrossEntropy, Weight: 1 }]))
            throw new FoveaException($"loss: found {string.Join(", ", sections.Select(static section => RecipeShape.SnakeCase(section.Name.ToString())))} with {entry.Name}, expected cross_entropy alone, with a weight of 1, for a classifier");
    }

    /// <summary>Gives a network the losses of a recipe; without any it keeps its own.</summary>
    /// <exception cref="FoveaException">A loss does not fit the number of classes.</exception>
    internal static void Apply(IReadOnlyList<LossSection> sections, VisionModel model, int classes, Func<ClassWeighting, float[]> weights)
    {
        if (sections.Count == 0)
            return;
        var criteria = Create(sections, classes, weights);
        if (model is ImageClassifier classifier)
            classifier.Criterion = OfImages((CrossEntropy)criteria[0].Loss);
        else
            ((Segmenter)model).Criteria = criteria;
    }

    // Of an image the class 255 is one like the others.
    private static CrossEntropy OfImages(CrossEntropy loss) => new() { ClassWeights = loss.ClassWeights, LabelSmoothing = loss.LabelSmoothing };

    private static LossSection Weighted(LossSection section, Func<ClassWeighting, float[]>? weights) => section.ClassWeighting is not { } weighting ? section
        : weights is null ? throw new ArgumentNullException(nameof(weights), "expected the training data's class weights, because a loss asks for them")
        : section with { ClassWeights = [.. weights(weighting).Select(static weight => (double)weight)], ClassWeighting = null };

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

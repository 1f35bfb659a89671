using Fovea.Data.Statistics;
using Fovea.Imaging;
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
        sections = Weighted(sections, weights);
        for (var i = 0; i < sections.Count; i++)
            Check(sections[i], sections.Count == 1 ? "loss" : $"loss.{i}", classes);
        return [.. sections.Select(static section => new PixelCriterion(NameOf(section), Loss(section), section.WeightAt(0)))];
    }

    /// <summary>Gives the parts of a network's loss the weights that they have in an epoch.</summary>
    /// <param name="sections">What the recipe says.</param>
    /// <param name="model">The network that has these losses.</param>
    /// <param name="epoch">Epoch, from 0.</param>
    /// <returns>The weights that change over the run, by name.</returns>
    internal static IReadOnlyList<KeyValuePair<string, double>> SetEpoch(IReadOnlyList<LossSection> sections, VisionModel model, int epoch)
    {
        if (sections.All(static section => section.Schedule is null))
            return [];
        var segmenter = (Segmenter)model;
        segmenter.Criteria = [.. segmenter.Criteria.Zip(sections, (part, section) => part with { Weight = section.WeightAt(epoch) })];
        return [.. sections.Where(static section => section.Schedule is not null).Select(section => KeyValuePair.Create(NameOf(section), section.WeightAt(epoch)))];
    }

    /// <summary>The sections with the weights of the classes of the training data where they ask for a class weighting.</summary>
    internal static IReadOnlyList<LossSection> Weighted(IReadOnlyList<LossSection> sections, Func<ClassWeighting, float[]>? weights) => [.. sections.Select(section => Weighted(section, weights))];

    /// <summary>The weights of pixels that a recipe asks for, or null.</summary>
    /// <param name="sections">What the recipe says, with the weights of classes that it asks for.</param>
    internal static BorderWeights? Borders(IReadOnlyList<LossSection> sections) =>
        sections.FirstOrDefault(static section => section.BorderWeights is not null) is { BorderWeights: { } border } section
            ? new BorderWeights { Strength = border.W0, Reach = border.Sigma, ClassWeights = Weights(section) is [var background, var cell] ? (background, cell) : (1, 1) }
            : null;

    private static string NameOf(LossSection section) => RecipeShape.SnakeCase(section.Name.ToString());

    /// <summary>Whether a recipe may choose the loss of a network.</summary>
    /// <exception cref="FoveaException">It does, and the network is none that gives a class for every pixel.</exception>
    internal static void CheckTask(IReadOnlyList<LossSection> sections, ModelEntry entry, ModelTask task)
    {
        if (task == ModelTask.MultiLabel)
        {
            if (sections is not ([] or [{ Name: LossKind.BinaryCrossEntropy, Weight: 1, Schedule: null }]))
                throw new FoveaException($"loss: found {Names(sections)} with several labels an image, expected binary_cross_entropy alone, with a weight of 1");
            return;
        }

        if (sections.Any(static section => section is { Name: LossKind.BinaryCrossEntropy } and ({ ClassWeights: not null } or { ClassWeighting: not null })))
            throw new FoveaException($"loss: found weights of classes in binary_cross_entropy with {entry.Name}, expected them with several labels an image (task: multi_label); positive_weight weighs all classes");
        if (sections.Count > 0 && entry.Task is not (ModelTask.Semantic or ModelTask.Classification))
            throw new FoveaException($"loss: found with {entry.Name}, whose loss is part of the network, expected it with semantic networks and classifiers only; leave it out");
        if (entry.Task == ModelTask.Classification && sections is not ([] or [{ Name: LossKind.CrossEntropy, Weight: 1, Schedule: null, BorderWeights: null }]))
            throw new FoveaException($"loss: found {Names(sections)} with {entry.Name}, expected cross_entropy alone, with a weight of 1, for a classifier");
    }

    /// <summary>Gives a network the losses of a recipe; without any it keeps its own.</summary>
    /// <exception cref="FoveaException">A loss does not fit the number of classes.</exception>
    internal static void Apply(IReadOnlyList<LossSection> sections, VisionModel model, int classes)
    {
        if (sections.Count == 0)
            return;
        var criteria = Create(sections, classes);
        if (model is ImageClassifier { IsMultiLabel: true } several)
            several.MultiLabelCriterion = (BinaryCrossEntropy)criteria[0].Loss;
        else if (model is ImageClassifier classifier)
            classifier.Criterion = OfImages((CrossEntropy)criteria[0].Loss);
        else
            ((Segmenter)model).Criteria = criteria;
    }

    private static string Names(IReadOnlyList<LossSection> sections) => string.Join(", ", sections.Select(NameOf));

    // Of an image the class 255 is one like the others.
    private static CrossEntropy OfImages(CrossEntropy loss) => new() { ClassWeights = loss.ClassWeights, LabelSmoothing = loss.LabelSmoothing };

    private static LossSection Weighted(LossSection section, Func<ClassWeighting, float[]>? weights) => section.ClassWeighting is not { } weighting ? section
        : weights is null ? throw new ArgumentNullException(nameof(weights), "expected the training data's class weights, because a loss asks for them")
        : section with { ClassWeights = [.. weights(weighting).Select(static weight => (double)weight)], ClassWeighting = null };

    private static void Check(LossSection section, string key, int classes)
    {
        if (section.ClassWeights is { } weights && weights.Count != classes)
            throw new FoveaException($"{key}.class_weights: found {weights.Count} numbers, expected {classes}, one for each class");
        if (section is { ClassWeights: not null, BorderWeights: not null } && classes != 2)
            throw new FoveaException($"{key}.border_weights: found beside class_weights of {Counted.Of(classes, "class")}, expected background and objects: the weights of borders are added to those of the two");
        if (section.Name == LossKind.LovaszHinge && classes != 2)
            throw new FoveaException($"{key}.name: found lovasz_hinge for {Counted.Of(classes, "class")}, expected two; lovasz_softmax takes any number");
        if (section.IncludeBackground == false && classes < 2)
            throw new FoveaException($"{key}.include_background: found false for one class, expected another beside it");
    }

    private static IPixelLoss Loss(LossSection section) => section.Name switch
    {
        LossKind.CrossEntropy => new CrossEntropy
        {
            IgnoreIndex = LabelMap.Ignore, LabelSmoothing = section.LabelSmoothing, Reduction = section.Reduction,
            // Those of borders hold those of classes.
            ClassWeights = section.BorderWeights is null ? Weights(section) : null,
        },
        LossKind.Focal => new Focal
        {
            Gamma = section.Gamma, ClassWeights = Weights(section), IsSigmoid = section.Sigmoid, Alpha = section.Alpha, Reduction = section.Reduction,
        },
        LossKind.BinaryCrossEntropy => new BinaryCrossEntropy { PositiveWeight = section.PositiveWeight, QuestionWeights = Weights(section) },
        LossKind.LovaszSoftmax => new LovaszSoftmax(),
        LossKind.LovaszHinge => new LovaszHinge(),
        LossKind.HardPixels => new HardPixelCrossEntropy { Threshold = section.Threshold, MinimumKept = section.MinKept },
        LossKind.TopPixels => new TopPixelCrossEntropy { Kept = section.Kept },
        LossKind.HardNegatives => new HardNegativeCrossEntropy { Ratio = section.Ratio },
        LossKind.Boundary => new BoundaryLoss { IncludesBackground = section.IncludeBackground ?? false },
        LossKind.Hausdorff => new HausdorffLoss { IncludesBackground = section.IncludeBackground ?? false, Power = section.Power },
        _ => Region(section, section.IncludeBackground ?? true),
    };

    private static RegionLoss Region(LossSection section, bool withBackground) => section.Name switch
    {
        LossKind.Dice => new Dice { Smooth = section.Smooth ?? 1, IsSquared = section.Squared, IncludesBackground = withBackground, SkipsAbsentClasses = section.SkipAbsent },
        LossKind.Jaccard => new Jaccard
        {
            Smooth = section.Smooth ?? 1, IncludesBackground = withBackground, SkipsAbsentClasses = section.SkipAbsent, IsLogarithmic = section.Logarithm,
        },
        LossKind.Tversky => new Tversky
        {
            Smooth = section.Smooth ?? Tversky.DefaultSmooth, IncludesBackground = withBackground, SkipsAbsentClasses = section.SkipAbsent,
            MissWeight = section.MissWeight, FalseAlarmWeight = section.FalseAlarmWeight, Exponent = section.Exponent,
        },
        LossKind.GeneralizedDice => new GeneralizedDice { IncludesBackground = withBackground, SkipsAbsentClasses = section.SkipAbsent },
        _ => new HardnessDice
        {
            Smooth = section.Smooth ?? HardnessDice.DefaultSmooth, IncludesBackground = withBackground, SkipsAbsentClasses = section.SkipAbsent,
            Hardness = section.Hardness, DetachesWeights = section.DetachWeights,
        },
    };

    private static float[]? Weights(LossSection section) => section.ClassWeights?.Select(static weight => (float)weight).ToArray();
}

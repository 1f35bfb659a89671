using Fovea.Metrics;
using Fovea.Training.Recipes;

namespace Fovea.Training;

/// <summary>What is measured beyond the usual figures, and by which conventions.</summary>
public sealed record EvaluationSection
{
    /// <summary>
    /// More figures: <c>per_image</c> (IoU and Dice image by image), <c>surface</c> (distances of outlines, boundary F1), <c>partition</c> (Rand,
    /// pixel and warping error of the membrane challenge) of semantic networks; <c>cell_tracking</c> (SEG) of semantic and instance networks.
    /// </summary>
    public IReadOnlyList<FigureKind> Metrics { get; init; } = [];

    /// <summary>Every k of top-k of a classification besides 1; left out, 5 where there are more than five classes.</summary>
    [Within(1)]
    public IReadOnlyList<int>? TopK { get; init; }

    /// <summary>The probability from which a class is answered yes, where an image may have several.</summary>
    [Within(0, 1)]
    public double Threshold { get; init; } = 0.5;

    /// <summary>Height and width of a pixel; distances are in its unit.</summary>
    [Within(0, Above = true)]
    [Counts(2)]
    public IReadOnlyList<double> Spacing { get; init; } = [1, 1];

    /// <summary>Distance within which an outline is right for <c>boundary_f1</c>; left out, 0.75 % of the image's diagonal.</summary>
    [Within(0)]
    public double? Tolerance { get; init; }

    /// <summary>What becomes of a class that an image has neither in truth nor in prediction where images are averaged: <c>skip</c> leaves the image out, <c>perfect</c> counts an overlap of 1 and a distance of 0.</summary>
    public BothEmptyRule BothEmpty { get; init; } = BothEmptyRule.Skip;

    /// <summary>What becomes of a distance when a class is in truth or prediction alone: <c>diagonal</c> counts the image's, <c>skip</c> leaves the image out.</summary>
    public OneEmptyRule OneEmpty { get; init; } = OneEmptyRule.Diagonal;

    /// <summary>Whether the first class takes part in <c>per_image</c> and <c>surface</c>.</summary>
    public bool IncludeBackground { get; init; } = true;

    /// <summary>This section with some keys replaced.</summary>
    /// <param name="assignments">Such as <c>tolerance=3</c> or <c>metrics=[surface]</c>.</param>
    /// <exception cref="FoveaException">A key does not exist or a value does not fit.</exception>
    public EvaluationSection With(IEnumerable<string> assignments) =>
        RecipeBinder.BindSection<EvaluationSection>(assignments.Aggregate(YamlReader.Read(RecipeWriter.Write(this), "evaluation"), RecipeOverrides.Apply));

    /// <summary>Whether a figure is asked for.</summary>
    internal bool Asks(FigureKind figure) => Metrics.Contains(figure);
}

/// <summary>Figures that are measured when asked for.</summary>
public enum FigureKind
{
    /// <summary>IoU and Dice image by image.</summary>
    PerImage,

    /// <summary>Distances of outlines, and boundary F1.</summary>
    Surface,

    /// <summary>Rand, pixel and warping error of the membrane challenge.</summary>
    Partition,

    /// <summary>SEG of the Cell Tracking Challenge.</summary>
    CellTracking,
}

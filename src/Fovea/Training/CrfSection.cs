using Fovea.Ops;
using Fovea.Training.Recipes;

namespace Fovea.Training;

/// <summary>The fully connected random field that sharpens maps along the borders seen in the picture (<see cref="DenseCrf"/>). Distances are in pixels of the picture as the network sees it. The defaults are those of DeepLabV2.</summary>
public sealed record CrfSection
{
    /// <summary>Steps of the mean field.</summary>
    [Within(0, 1000)]
    public int Iterations { get; init; } = 10;

    /// <summary>Weight of the kernel of places alone, which removes specks; 0 leaves it out.</summary>
    [Within(0)]
    public double GaussianWeight { get; init; } = 3;

    /// <summary>Standard deviation of its places, pixels.</summary>
    [Within(0, Above = true)]
    public double GaussianReach { get; init; } = 1;

    /// <summary>Weight of the kernel of places and colours, which follows borders; 0 leaves it out.</summary>
    [Within(0)]
    public double BilateralWeight { get; init; } = 4;

    /// <summary>Standard deviation of its places, pixels.</summary>
    [Within(0, Above = true)]
    public double BilateralReach { get; init; } = 67;

    /// <summary>Standard deviation of its colours, of each channel, on a scale of 0 to 255.</summary>
    [Within(0, Above = true)]
    public double BilateralColour { get; init; } = 3;

    /// <summary>This section with some keys replaced.</summary>
    /// <param name="assignments">Such as <c>iterations=5</c>.</param>
    /// <exception cref="FoveaException">A key does not exist or a value does not fit.</exception>
    public CrfSection With(IEnumerable<string> assignments) =>
        RecipeBinder.BindSection<CrfSection>(assignments.Aggregate(YamlReader.Read(RecipeWriter.Write(this), "crf"), static (values, assignment) => RecipeOverrides.Apply(values, assignment, "--crf-set")));

    /// <summary>The field.</summary>
    public DenseCrf ToCrf() => new()
    {
        Iterations = Iterations, GaussianWeight = GaussianWeight, GaussianReach = GaussianReach,
        BilateralWeight = BilateralWeight, BilateralReach = BilateralReach, BilateralColour = BilateralColour,
    };
}

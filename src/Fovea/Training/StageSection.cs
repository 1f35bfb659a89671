using Fovea.Training.Recipes;

namespace Fovea.Training;

/// <summary>A stretch of a run in which only some of the network is trained, such as the new head of a network whose backbone was trained before.</summary>
public sealed record StageSection
{
    /// <summary>Epochs of the stage; the last stage may leave it out and takes what is left of the run.</summary>
    [Within(1, 1000000)]
    public int? Epochs { get; init; }

    /// <summary>Names of the parameters that are trained, as patterns (<c>fc.*</c>); left out, all that <c>freeze</c> does not name.</summary>
    public IReadOnlyList<string>? Train { get; init; }

    /// <summary>Factor on the learning rate of the optimizer.</summary>
    [Within(0)]
    public double LearningRateFactor { get; init; } = 1;

    /// <summary>How the learning rate moves within the stage; left out, as the recipe's schedule says, begun anew and drawn over the epochs of the stage.</summary>
    public ScheduleSection? Schedule { get; init; }
}

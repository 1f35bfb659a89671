using Fovea.Models.Necks;
using Fovea.Models.Segmentation;

namespace Fovea.Explain;

/// <summary>The layer in which what is asked about is seen best.</summary>
internal static class TargetLayer
{
    /// <summary>Of a class the last map, of a box the level of the pyramid that it is read from, of a region the last map before the scores that is coarser than the picture.</summary>
    /// <exception cref="FoveaException">No layer gives a map of more than one cell.</exception>
    public static NamedLayer Of(Subject subject) => subject.Target switch
    {
        BoxTarget when Levels(subject) is { Count: > 0 } levels => Read(subject, levels),
        RegionTarget when subject.Model is Segmenter segmenter => LayerChoice.LastBeforeScores(segmenter, subject.Images),
        _ => LayerChoice.Default(subject.Model, subject.Images),
    };

    private static List<NamedLayer> Levels(Subject subject) =>
    [
        .. subject.Model.NamedModules().Where(static part => part.Value is FeaturePyramid)
            .SelectMany(part => ((FeaturePyramid)part.Value).LevelNames.Select(level => LayerChoice.Find(subject.Model, $"{part.Key}.{level}"))),
    ];

    // A box is read from one level, and the score moves with it alone and, where it is made of finer ones, with those. A score that moves with none,
    // as behind a rectifier that is shut, has a map of zeros in all of them.
    private static NamedLayer Read(Subject subject, IReadOnlyList<NamedLayer> levels) =>
        levels.Zip(LayerMaps.Pulls(subject, levels)).LastOrDefault(static pair => pair.Second > 0, (levels[0], 0)).First;
}

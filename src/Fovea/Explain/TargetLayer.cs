using Fovea.Models.Necks;

namespace Fovea.Explain;

/// <summary>The layer in which what is asked about is seen best.</summary>
internal static class TargetLayer
{
    // Of coarser stages the map is blind for the region, or points beside it; of finer ones it follows edges and colours.
    private const double CellsAcross = 2;

    // What a network finds of an object may be in pieces: those with a gap smaller than this many pixels are one.
    private const int Gap = 4;

    /// <summary>Of a class the last map, of a box the level of the pyramid that it is read from, of a region the deepest stage on the way down that has two cells across it.</summary>
    /// <exception cref="FoveaException">No layer gives a map of more than one cell.</exception>
    public static NamedLayer Of(Subject subject) => subject.Target switch
    {
        BoxTarget when Levels(subject) is { Count: > 0 } levels => Read(subject, levels),
        RegionTarget region => Stage(subject, region),
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

    private static NamedLayer Stage(Subject subject, RegionTarget region)
    {
        var side = SideOf(region);
        var stages = LayerChoice.WayDown(subject.Model, subject.Images);
        return stages.LastOrDefault(stage => side >= CellsAcross * stage.Stride, stages[0]).Layer;
    }

    /// <summary>The side of a square as large as the box around the region's largest part, in pixels.</summary>
    private static double SideOf(RegionTarget region)
    {
        var coarse = new ImageSize((region.Size.Height + Gap - 1) / Gap, (region.Size.Width + Gap - 1) / Gap);
        var cells = new float[coarse.Height * coarse.Width];
        for (var i = 0; i < region.Region.Count; i++)
        {
            if (region.Region[i])
                cells[i / region.Size.Width / Gap * coarse.Width + i % region.Size.Width / Gap] = 1;
        }

        var largest = MapBox.Of(cells, coarse, 0.5) ?? throw new FoveaException("explain: found a region without a pixel, expected some");
        return Gap * Math.Sqrt(largest.Area);
    }
}

namespace Fovea.Transforms;

/// <summary>Augmentations one after the other, each drawing for what the one before it left.</summary>
/// <param name="augmentations">The augmentations in order.</param>
public sealed class Pipeline(params IReadOnlyList<IAugmentation> augmentations)
{
    /// <summary>No augmentation.</summary>
    public static Pipeline Empty { get; } = new();

    /// <summary>The augmentations in order.</summary>
    public IReadOnlyList<IAugmentation> Augmentations => augmentations;

    /// <summary>Draws and applies.</summary>
    /// <param name="scene">What to start from.</param>
    /// <param name="random">The only source of chance.</param>
    public Scene Apply(Scene scene, RandomStream random) => Apply(scene, random, out _);

    /// <summary>Draws and applies, and tells what was drawn.</summary>
    /// <param name="scene">What to start from.</param>
    /// <param name="random">The only source of chance.</param>
    /// <param name="drawn">The fixed transforms that were applied.</param>
    public Scene Apply(Scene scene, RandomStream random, out Sequence drawn)
    {
        var steps = new List<ITransform>(augmentations.Count);
        foreach (var augmentation in augmentations)
        {
            var step = augmentation.Sample(scene, random);
            scene = step.Apply(scene);
            steps.Add(step);
        }

        drawn = new Sequence(steps);
        return scene;
    }
}

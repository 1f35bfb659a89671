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

    /// <summary>Applies what is the same every time, as prediction must.</summary>
    /// <param name="scene">What to start from.</param>
    /// <exception cref="FoveaException">An augmentation is drawn by chance.</exception>
    public Scene ApplyFixed(Scene scene) => augmentations.FirstOrDefault(static step => !step.IsFixed) is { } chance
        ? throw new FoveaException($"prediction: found {chance.GetType().Name}, which is drawn by chance, expected transforms that treat a picture the same every time")
        : Apply(scene, new RandomStream(0, 0, 0));

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

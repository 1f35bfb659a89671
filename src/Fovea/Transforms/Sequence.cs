namespace Fovea.Transforms;

/// <summary>Several transforms one after the other; none at all changes nothing.</summary>
/// <param name="steps">The transforms in order.</param>
public sealed class Sequence(params IReadOnlyList<ITransform> steps) : ITransform
{
    /// <summary>Changes nothing.</summary>
    public static Sequence Nothing { get; } = new();

    /// <summary>The transforms in order.</summary>
    public IReadOnlyList<ITransform> Steps => steps;

    /// <inheritdoc/>
    public ITransform? Inverse
    {
        get
        {
            var inverses = steps.Reverse().Select(static step => step.Inverse).ToList();
            return inverses.Contains(null) ? null : new Sequence([.. inverses.Select(static inverse => inverse!)]);
        }
    }

    /// <inheritdoc/>
    public Scene Apply(Scene scene) => steps.Aggregate(scene, static (current, step) => step.Apply(current));
}

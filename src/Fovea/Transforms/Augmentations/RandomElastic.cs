namespace Fovea.Transforms.Augmentations;

/// <summary>
/// Bends a picture by random displacements on a coarse grid (Ronneberger et al., "U-Net", 2015, section 3.1: 3x3 nodes, normal
/// with a standard deviation of 10 pixels).
/// </summary>
/// <param name="sigma">Standard deviation of the displacements, pixels.</param>
/// <param name="nodes">Nodes of the grid on each side.</param>
/// <param name="fill">Colour of what lies outside.</param>
/// <param name="keep">Which objects stay; null for <see cref="KeepRule.Default"/>.</param>
public sealed class RandomElastic(double sigma = 10, int nodes = 3, Fill fill = default, KeepRule? keep = null) : IAugmentation
{
    private static readonly Parameter<double> Sigma = Parameter.Number("sigma", 10, "Standard deviation of the displacements, pixels.", 0, 1000);
    private static readonly Parameter<int> Nodes = Parameter.Whole("nodes", 3, "Nodes of the grid on each side.", 2, 64);
    private static readonly Parameter<double> Share = Parameter.Probability(1);

    internal static TransformEntry Entry { get; } = new("elastic", "Bends the picture by random displacements on a coarse grid (U-Net's deformation).", [Sigma, Nodes, Parameter.Filling, Parameter.MinVisible, Share],
        static values => values.Sometimes(
            Share, new RandomElastic(values.Get(Sigma), values.Get(Nodes), values.Get(Parameter.Filling), new KeepRule(values.Get(Parameter.MinVisible)))));

    /// <inheritdoc/>
    public ITransform Sample(Scene scene, RandomStream random)
    {
        var (x, y) = (new double[nodes, nodes], new double[nodes, nodes]);
        for (var row = 0; row < nodes; row++)
        {
            for (var column = 0; column < nodes; column++)
                (x[row, column], y[row, column]) = (sigma * random.NextNormal(), sigma * random.NextNormal());
        }

        return new Elastic(scene.Image.Size, x, y, fill) { Keep = keep ?? KeepRule.Default };
    }
}

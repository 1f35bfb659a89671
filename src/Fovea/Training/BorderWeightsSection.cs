using Fovea.Training.Recipes;

namespace Fovea.Training;

/// <summary>The pixel weights of the U-Net paper: the class's weight + w0·exp(−(d1 + d2)²/(2·sigma²)) in the background between objects.</summary>
public sealed record BorderWeightsSection
{
    /// <summary>What a gap of no width adds.</summary>
    [Within(0)]
    public double W0 { get; init; } = 10;

    /// <summary>How far the border reaches, pixels of the network's image.</summary>
    [Within(0, Above = true)]
    public double Sigma { get; init; } = 5;
}

namespace Fovea.Models.Classification;

/// <summary>What may differ from the published <see cref="AllCnn"/> and <see cref="NetworkInNetwork"/>.</summary>
public sealed record PlainOptions
{
    /// <summary>What the published networks are made with.</summary>
    public static PlainOptions Published { get; } = new();

    /// <summary>What normalises the maps behind every convolution but the last; the papers did without.</summary>
    public NormKind Norm { get; init; } = NormKind.None;

    /// <summary>What follows every convolution, the last one too.</summary>
    public ActivationKind Activation { get; init; } = ActivationKind.Relu;

    /// <summary>Share of the values dropped in training where the map has been halved.</summary>
    public double Dropout { get; init; } = 0.5;
}

namespace Fovea.Models.Backbones;

/// <summary>A feature map that a backbone gives, recorded while the backbone is built.</summary>
/// <param name="Name">Name of the stage in the state dict, such as <c>layer4</c>.</param>
/// <param name="Channels">Channels of the map.</param>
/// <param name="Stride">Input pixels for each cell of the map, along either side.</param>
public sealed record FeatureInfo(string Name, int Channels, int Stride);

namespace Fovea.Losses;

/// <summary>A part of the loss of a semantic network.</summary>
/// <param name="Name">Short name; it tells the terms of the loss apart.</param>
/// <param name="Loss">The loss.</param>
/// <param name="Weight">Factor on it.</param>
public sealed record PixelCriterion(string Name, IPixelLoss Loss, double Weight = 1);

namespace Fovea.Reports;

/// <summary>A picture of a prediction in a run's folder.</summary>
/// <param name="Prediction">File with what the network said.</param>
/// <param name="Truth">File with what is true, or null where one picture says both.</param>
/// <param name="Name">The image.</param>
/// <param name="Caption">What can be read off.</param>
/// <param name="IsWorst">Whether it is shown for being bad.</param>
/// <param name="IsRight">Whether it is right, or null where that is a matter of degree.</param>
/// <param name="IsSmall">Whether it has so few pixels that they are shown as squares.</param>
internal sealed record Picture(string Prediction, string? Truth, string Name, string Caption, bool IsWorst, bool? IsRight, bool IsSmall);

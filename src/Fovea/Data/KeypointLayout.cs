namespace Fovea.Data;

/// <summary>The keypoints that the objects of a data set have.</summary>
/// <param name="Names">Their names in file order: "nose", "left_eye" ...</param>
/// <param name="Skeleton">Pairs of 0-based keypoint numbers to be joined by lines when drawn; may be empty.</param>
public sealed record KeypointLayout(IReadOnlyList<string> Names, IReadOnlyList<(int From, int To)> Skeleton);

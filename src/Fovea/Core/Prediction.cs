using Fovea.Imaging;

namespace Fovea;

/// <summary>An object that a network found, in pixels of the original image.</summary>
/// <param name="Box">Where it is.</param>
/// <param name="Label">Class, an index of the <see cref="LabelSpace"/>.</param>
/// <param name="Score">Confidence, 0 to 1.</param>
public sealed record Detection(Box Box, int Label, float Score)
{
    /// <summary>Its mask, of the size of the original image, or null when the network gives none.</summary>
    public RunLengthMask? Mask { get; init; }

    /// <summary>Its keypoints in the order the data set declares, or null when the network gives none.</summary>
    public IReadOnlyList<Keypoint>? Keypoints { get; init; }
}

/// <summary>What a network says about one image, in pixels of the original image.</summary>
public sealed record Prediction
{
    /// <summary>Probability of every class of the <see cref="LabelSpace"/>, or null when this is no classification. They sum to 1 unless <see cref="IsMultiLabel"/>.</summary>
    public float[]? Probabilities { get; init; }

    /// <summary>Whether each class is a question of its own, so that none, one or several may be true.</summary>
    public bool IsMultiLabel { get; init; }

    /// <summary>The objects found, best score first; empty when there are none, null when this is no detection.</summary>
    public IReadOnlyList<Detection>? Detections { get; init; }

    /// <summary>The class of every pixel, or null when this is no semantic segmentation.</summary>
    public LabelMap? Map { get; init; }

    /// <summary>The probability of every pixel not to be of the first class, H times W; null unless asked for.</summary>
    public float[]? Foreground { get; init; }
}

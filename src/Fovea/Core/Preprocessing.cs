using System.Text.Json.Serialization;
using Fovea.Imaging;

namespace Fovea;

/// <summary>How the size of a picture becomes the size a network sees.</summary>
public enum SizeRule
{
    /// <summary>As it is.</summary>
    Keep,

    /// <summary>Stretched to exactly <see cref="Preprocessing.Height"/> by <see cref="Preprocessing.Width"/>.</summary>
    Exact,

    /// <summary>Shorter side to <see cref="Preprocessing.ShorterSide"/>, then the centre of Height by Width is cut out.</summary>
    ShorterSideThenCrop,

    /// <summary>torchvision's detection rule: shorter side to <see cref="Preprocessing.ShorterSide"/> unless the longer would pass <see cref="Preprocessing.LongerSide"/>.</summary>
    ShorterLonger,

    /// <summary>Scaled to fit Height by Width with the aspect kept, the rest filled evenly on both sides.</summary>
    Letterbox,
}

/// <summary>
/// What is done to a picture before a network sees it. It travels with weights, checkpoints and exports; inference reads it
/// instead of guessing.
/// </summary>
public sealed record Preprocessing
{
    /// <summary>How the size is chosen.</summary>
    public SizeRule SizeRule { get; init; } = SizeRule.Keep;

    /// <summary>Rows for the rules that fix them, pixels.</summary>
    public int Height { get; init; }

    /// <summary>Columns for the rules that fix them, pixels.</summary>
    public int Width { get; init; }

    /// <summary>Shorter side for the rules that use it, pixels.</summary>
    public int ShorterSide { get; init; }

    /// <summary>Upper limit of the longer side for <see cref="SizeRule.ShorterLonger"/>, pixels.</summary>
    public int LongerSide { get; init; }

    /// <summary>Interpolation when resizing.</summary>
    public Interpolation Interpolation { get; init; } = Interpolation.BilinearAntialias;

    /// <summary>Colour channels and their order; <see cref="ImageChannels.Rgbd"/> puts the depth last.</summary>
    public ImageChannels Channels { get; init; } = ImageChannels.Rgb;

    /// <summary>Whether the network gets blue first and red last, as networks trained in Caffe do; mean and deviation are in that order too.</summary>
    public bool BlueFirst { get; init; }

    /// <summary>Subtracted from every channel after scaling to [0, 1]; from depth as it is stored, 0 to 65535.</summary>
    public IReadOnlyList<float> Mean { get; init; } = [0.485f, 0.456f, 0.406f];

    /// <summary>Divides every channel after the mean is subtracted.</summary>
    public IReadOnlyList<float> Std { get; init; } = [0.229f, 0.224f, 0.225f];

    /// <summary>Global contrast normalisation: each picture, its own mean subtracted after all the above, is scaled to this length; 0 for none.</summary>
    public double ContrastNorm { get; init; }

    /// <summary>What is done last, or null. It is kept as tensors beside the weights.</summary>
    [JsonIgnore]
    public Whitening? Whitening { get; init; }

    /// <summary>Batches are padded at the bottom and right, with zeros after normalising, to a multiple of this many pixels.</summary>
    public int SizeMultiple { get; init; } = 1;
}

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

    /// <summary>Colour channels and their order.</summary>
    public ImageChannels Channels { get; init; } = ImageChannels.Rgb;

    /// <summary>Subtracted from every channel after scaling to [0, 1].</summary>
    public IReadOnlyList<float> Mean { get; init; } = [0.485f, 0.456f, 0.406f];

    /// <summary>Divides every channel after the mean is subtracted.</summary>
    public IReadOnlyList<float> Std { get; init; } = [0.229f, 0.224f, 0.225f];

    /// <summary>Whether colour channels enter in the order blue, green, red, as networks trained with Caffe expect; mean and std are in that order then.</summary>
    public bool IsBlueFirst { get; init; }

    /// <summary>Batches are padded at the bottom and right, with zeros after normalising, to a multiple of this many pixels.</summary>
    public int SizeMultiple { get; init; } = 1;
}

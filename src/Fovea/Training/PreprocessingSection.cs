using Fovea.Training.Recipes;

namespace Fovea.Training;

/// <summary>What is done to every image before it enters the network: size, channels, and scale of values.</summary>
public sealed record PreprocessingSection
{
    /// <summary>
    /// How images get their size: <c>none</c>; <c>exact</c> (to <c>size</c>, the aspect is lost); <c>shorter_side</c> (the shorter side to
    /// <c>size</c>, the longer to at most <c>max_size</c>); <c>letterbox</c> (into <c>size</c>, the rest padded).
    /// </summary>
    public SizeRule Resize { get; init; } = SizeRule.None;

    /// <summary>Pixels: one number (a square, or the shorter side), or <c>[height, width]</c>.</summary>
    [Within(1, 65536)]
    [Counts(1, 2)]
    public IReadOnlyList<int>? Size { get; init; }

    /// <summary>With <c>shorter_side</c>: the most pixels the longer side may get; the shorter side gives way.</summary>
    [Within(1, 65536)]
    public int? MaxSize { get; init; }

    /// <summary>A cut of this many pixels around the centre after resizing: one number or <c>[height, width]</c>; left out, none.</summary>
    [Within(1, 65536)]
    [Counts(1, 2)]
    public IReadOnlyList<int>? CenterCrop { get; init; }

    /// <summary>Images are padded at the right and bottom to a multiple of this many pixels.</summary>
    [Within(1, 1024)]
    public int PadMultiple { get; init; } = 1;

    /// <summary><c>nearest</c>, <c>bilinear</c>, <c>bilinear_antialias</c> (as Pillow does, and published classification weights expect), <c>area</c> or <c>cubic</c>.</summary>
    public ResizeFilter Interpolation { get; init; } = ResizeFilter.Bilinear;

    /// <summary>Channels in the order the network expects: <c>rgb</c>, <c>bgr</c> or <c>grey</c>.</summary>
    public ChannelOrder Channels { get; init; } = ChannelOrder.Rgb;

    /// <summary>Mean of every channel on a scale of 0 to 1, in the order of the channels (one number counts for all); it is subtracted.</summary>
    [Within(0, 1)]
    [Counts(1, 3)]
    public IReadOnlyList<double> Mean { get; init; } = [0];

    /// <summary>Standard deviation of every channel on a scale of 0 to 1 (one number counts for all); values are divided by it.</summary>
    [Within(0, 255, Above = true)]
    [Counts(1, 3)]
    public IReadOnlyList<double> Std { get; init; } = [1];
}

/// <summary>How images get their size.</summary>
public enum SizeRule
{
    /// <summary>They keep the one they have.</summary>
    None,

    /// <summary>To a given size; the aspect is lost.</summary>
    Exact,

    /// <summary>The shorter side to a given length, the longer to at most another.</summary>
    ShorterSide,

    /// <summary>Into a given size with their aspect, the rest padded.</summary>
    Letterbox,
}

/// <summary>How pixels are interpolated when an image is resized.</summary>
public enum ResizeFilter
{
    /// <summary>The nearest pixel.</summary>
    Nearest,

    /// <summary>Between the four nearest pixels, without antialiasing.</summary>
    Bilinear,

    /// <summary>A triangle filter as wide as the reduction, bit-exact with Pillow.</summary>
    BilinearAntialias,

    /// <summary>The mean of the pixels covered.</summary>
    Area,

    /// <summary>A cubic through the sixteen nearest pixels.</summary>
    Cubic,
}

/// <summary>The channels a network expects.</summary>
public enum ChannelOrder
{
    /// <summary>Red, green, blue.</summary>
    Rgb,

    /// <summary>Blue, green, red.</summary>
    Bgr,

    /// <summary>One channel.</summary>
    Grey,
}

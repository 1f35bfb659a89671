using Fovea.Imaging;
using Fovea.Training.Recipes;

namespace Fovea.Training;

/// <summary>What is done to every image before it enters the network: size, channels, and scale of values.</summary>
public sealed record PreprocessingSection
{
    /// <summary>
    /// How images get their size: <c>keep</c>; <c>exact</c> (height by width, the aspect is lost); <c>shorter_side_then_crop</c> (the shorter
    /// side to a length, then the centre of height by width is cut out); <c>shorter_longer</c> (the shorter side to a length unless
    /// the longer would pass its limit); <c>letterbox</c> (fitted into height by width, the rest filled).
    /// </summary>
    public required SizeRule SizeRule { get; init; }

    /// <summary>Rows, pixels.</summary>
    [Within(1, 65536)]
    [OnlyFor("exact", "shorter_side_then_crop", "letterbox", Of = nameof(SizeRule))]
    public int? Height { get; init; }

    /// <summary>Columns, pixels.</summary>
    [Within(1, 65536)]
    [OnlyFor("exact", "shorter_side_then_crop", "letterbox", Of = nameof(SizeRule))]
    public int? Width { get; init; }

    /// <summary>Length of the shorter side, pixels.</summary>
    [Within(1, 65536)]
    [OnlyFor("shorter_side_then_crop", "shorter_longer", Of = nameof(SizeRule))]
    public int? ShorterSide { get; init; }

    /// <summary>The most the longer side may have, pixels; the shorter side gives way.</summary>
    [Within(1, 65536)]
    [OnlyFor("shorter_longer", Of = nameof(SizeRule))]
    public int? LongerSide { get; init; }

    /// <summary>How pixels are interpolated: <c>bilinear_antialias</c> as Pillow does and published classification weights expect, <c>bicubic_antialias</c> as timm's Inception weights do, <c>bilinear</c> as torchvision's detectors do.</summary>
    public Interpolation Interpolation { get; init; } = Interpolation.BilinearAntialias;

    /// <summary>The channels the network takes: <c>rgb</c>, <c>grey</c>, or <c>rgbd</c>, colour and then depth.</summary>
    public ImageChannels Channels { get; init; } = ImageChannels.Rgb;

    /// <summary>Whether the network gets blue first and red last, as networks trained in Caffe do; <c>mean</c> and <c>std</c> are in that order too.</summary>
    public bool BlueFirst { get; init; }

    /// <summary>Mean of every channel on a scale of 0 to 1, of depth as it is stored (0 to 65535); it is subtracted.</summary>
    [Within(0, 65535)]
    public IReadOnlyList<double> Mean { get; init; } = [0.485, 0.456, 0.406];

    /// <summary>Standard deviation of every channel on a scale of 0 to 1, of depth as it is stored; values are divided by it.</summary>
    [Within(0, 65535, Above = true)]
    public IReadOnlyList<double> Std { get; init; } = [0.229, 0.224, 0.225];

    /// <summary>Global contrast normalisation: each picture, its own mean subtracted after all the above, is scaled to this length, such as 55 for 32x32 (Goodfellow et al. 2013); 0 for none.</summary>
    [Within(0)]
    public double ContrastNorm { get; init; }

    /// <summary>Whether pictures are whitened at last (ZCA), and what is then added to every variance, such as 0.1; left out, they are not. The whitening is fitted on the training data and kept with the weights; pictures need one size, 32x32 rather than 224x224.</summary>
    [Within(0, Above = true)]
    public double? ZcaEpsilon { get; init; }

    /// <summary>Batches are padded at the bottom and right to a multiple of this many pixels.</summary>
    [Within(1, 1024)]
    public int SizeMultiple { get; init; } = 1;

    /// <summary>The record that travels with the weights.</summary>
    public Preprocessing ToPreprocessing() => new()
    {
        SizeRule = SizeRule,
        Height = Height ?? 0,
        Width = Width ?? 0,
        ShorterSide = ShorterSide ?? 0,
        LongerSide = LongerSide ?? 0,
        Interpolation = Interpolation,
        Channels = Channels,
        BlueFirst = BlueFirst,
        Mean = [.. Mean.Select(static value => (float)value)],
        Std = [.. Std.Select(static value => (float)value)],
        ContrastNorm = ContrastNorm,
        SizeMultiple = SizeMultiple,
    };
}

using Fovea.Imaging;

namespace Fovea.Transforms.Augmentations;

/// <summary>Stretches every picture to one size.</summary>
/// <param name="size">The size.</param>
/// <param name="interpolation">How pixel values are found.</param>
public sealed class ResizeRule(ImageSize size, Interpolation interpolation = Interpolation.BilinearAntialias) : IAugmentation
{
    private static readonly Parameter<ImageSize> Size = Parameter.Size("size", "Size of the result; the aspect is lost.");

    internal static TransformEntry Entry { get; } = new("resize", "Stretches to one size.", [Size, Parameter.Interpolated],
        static values => new ResizeRule(values.Get(Size), values.Get(Parameter.Interpolated)));

    /// <inheritdoc/>
    public bool IsFixed => true;

    /// <inheritdoc/>
    public ITransform Sample(Scene scene, RandomStream random) => new Resize(scene.Image.Size, size, interpolation);
}

/// <summary>Scales the shorter side of every picture to one length, the longer side in proportion.</summary>
/// <param name="shorterSide">Length of the shorter side, pixels.</param>
/// <param name="longerSide">Upper limit of the longer side (torchvision's detection rule), or null for none (its classification rule).</param>
/// <param name="interpolation">How pixel values are found.</param>
public sealed class ShorterSideRule(int shorterSide, int? longerSide = null, Interpolation interpolation = Interpolation.BilinearAntialias) : IAugmentation
{
    private static readonly Parameter<int> Size = Parameter.Whole("size", 256, "Length of the shorter side, pixels.", 1, ushort.MaxValue);

    internal static Parameter<int?> MaxSize { get; } = Parameter.OptionalWhole("max_size", "Most pixels of the longer side; the shorter side gives way. Left out, there is no limit.", 1);

    internal static TransformEntry Entry { get; } = new("shorter_side", "Scales the shorter side to one length and keeps the aspect.", [Size, MaxSize, Parameter.Interpolated],
        static values => new ShorterSideRule(values.Get(Size), values.Get(MaxSize), values.Get(Parameter.Interpolated)));

    /// <inheritdoc/>
    public bool IsFixed => true;

    /// <inheritdoc/>
    public ITransform Sample(Scene scene, RandomStream random) => For(scene.Image.Size, shorterSide, longerSide, interpolation);

    internal static Resize For(ImageSize from, int shorter, int? longer, Interpolation interpolation) =>
        new(from, longer is { } limit ? SizeRules.ShorterLonger(from, shorter, limit) : SizeRules.Shorter(from, shorter), interpolation);
}

/// <summary>Scales the shorter side of a picture to a random length (scale jitter of VGG, multi-scale training of detectors).</summary>
/// <param name="low">Least length, pixels.</param>
/// <param name="high">Greatest length, pixels.</param>
/// <param name="step">Lengths are <paramref name="low"/> plus a multiple of this.</param>
/// <param name="longerSide">Upper limit of the longer side, or null for none.</param>
/// <param name="interpolation">How pixel values are found.</param>
public sealed class RandomShorterSide(
    int low, int high, int step = 1, int? longerSide = null, Interpolation interpolation = Interpolation.BilinearAntialias) : IAugmentation
{
    private static readonly Parameter<(double Low, double High)> Sizes = Parameter.Range("range", 256, 480, "Least and greatest length of the shorter side, pixels.", 1, ushort.MaxValue);
    private static readonly Parameter<int> Step = Parameter.Whole("step", 1, "Lengths are the least plus a multiple of this.", 1);

    internal static TransformEntry Entry { get; } = new("random_shorter_side", "Scales the shorter side to a random length and keeps the aspect.", [Sizes, Step, ShorterSideRule.MaxSize, Parameter.Interpolated],
        static values => new RandomShorterSide(
            (int)values.Get(Sizes).Low, (int)values.Get(Sizes).High, values.Get(Step), values.Get(ShorterSideRule.MaxSize), values.Get(Parameter.Interpolated)));

    /// <inheritdoc/>
    public ITransform Sample(Scene scene, RandomStream random) =>
        ShorterSideRule.For(scene.Image.Size, low + step * random.NextInt((high - low) / step + 1), longerSide, interpolation);
}

/// <summary>Scales every picture to fit into one size and pads it evenly on both sides.</summary>
/// <param name="size">The size.</param>
/// <param name="fill">Colour of the padding.</param>
/// <param name="interpolation">How pixel values are found.</param>
public sealed class LetterboxRule(ImageSize size, Fill fill, Interpolation interpolation = Interpolation.BilinearAntialias) : IAugmentation
{
    private static readonly Parameter<ImageSize> Size = Parameter.Size("size", "Size of the result.");
    private static readonly Parameter<Fill> Grey = Parameter.FillOf("fill", 114, "Colour of the padding.");

    internal static TransformEntry Entry { get; } = new("letterbox", "Scales to fit and pads evenly on both sides; the aspect is kept.", [Size, Grey, Parameter.Interpolated],
        static values => new LetterboxRule(values.Get(Size), values.Get(Grey), values.Get(Parameter.Interpolated)));

    /// <inheritdoc/>
    public bool IsFixed => true;

    /// <inheritdoc/>
    public ITransform Sample(Scene scene, RandomStream random) => SizeSteps.Letterbox(scene.Image.Size, size, interpolation, fill);
}

/// <summary>Cuts the centre out of every picture; one that is too small is padded evenly.</summary>
/// <param name="size">Size of the centre.</param>
/// <param name="fill">Colour of the padding.</param>
public sealed class CentreCropRule(ImageSize size, Fill fill = default) : IAugmentation
{
    private static readonly Parameter<ImageSize> Size = Parameter.Size("size", "Size of the result.");

    internal static TransformEntry Entry { get; } = new("centre_crop", "Cuts out the centre; what is too small is padded evenly.", [Size, Parameter.Filling],
        static values => new CentreCropRule(values.Get(Size), values.Get(Parameter.Filling)));

    /// <inheritdoc/>
    public bool IsFixed => true;

    /// <inheritdoc/>
    public ITransform Sample(Scene scene, RandomStream random) => SizeSteps.CentreCrop(scene.Image.Size, size, fill);
}

/// <summary>Pads every picture on its four sides.</summary>
/// <param name="left">Columns added at the left.</param>
/// <param name="top">Rows added at the top.</param>
/// <param name="right">Columns added at the right.</param>
/// <param name="bottom">Rows added at the bottom.</param>
/// <param name="fill">Colour of the padding.</param>
public sealed class PadRule(int left, int top, int right, int bottom, Fill fill = default) : IAugmentation
{
    private static readonly Parameter<int[]> Padding = Parameter.Sides("padding", "Pixels added on each side.");

    internal static TransformEntry Entry { get; } = new("pad", "Adds a border.", [Padding, Parameter.Filling],
        static values => values.Get(Padding) is var sides ? new PadRule(sides[0], sides[1], sides[2], sides[3], values.Get(Parameter.Filling)) : null!);

    /// <inheritdoc/>
    public bool IsFixed => true;

    /// <inheritdoc/>
    public ITransform Sample(Scene scene, RandomStream random) => Crop.Pad(scene.Image.Size, left, top, right, bottom, fill);
}

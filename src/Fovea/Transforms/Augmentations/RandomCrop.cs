namespace Fovea.Transforms.Augmentations;

/// <summary>Cuts a window of fixed size out of a picture, anywhere; a picture that is too small is filled up around a random place.</summary>
/// <param name="size">Size of the window.</param>
/// <param name="padding">Pixels added on every side before (4 in the training of small images).</param>
/// <param name="fill">Colour of what lies outside.</param>
/// <param name="keep">Which objects stay; null for <see cref="KeepRule.Default"/>.</param>
public sealed class RandomCrop(ImageSize size, int padding = 0, Fill fill = default, KeepRule? keep = null) : IAugmentation
{
    private static readonly Parameter<ImageSize> Size = Parameter.Size("size", "Size of the result.");
    private static readonly Parameter<int> Padding = Parameter.Whole("padding", 0, "Pixels added on every side before cutting.", 0, ushort.MaxValue);

    internal static TransformEntry Entry { get; } = new("random_crop", "Cuts out a window of fixed size, anywhere; what is too small is filled up.", [Size, Padding, Parameter.Filling, Parameter.MinVisible],
        static values => new RandomCrop(values.Get(Size), values.Get(Padding), values.Get(Parameter.Filling), new KeepRule(values.Get(Parameter.MinVisible))));

    /// <inheritdoc/>
    public ITransform Sample(Scene scene, RandomStream random)
    {
        var from = scene.Image.Size;
        return new Crop(from, Offset(from.Width, size.Width, padding, random), Offset(from.Height, size.Height, padding, random), size, fill) { Keep = keep ?? KeepRule.Default };
    }

    internal static int Offset(int from, int to, int padding, RandomStream random)
    {
        var room = from + 2 * padding - to;
        return Math.Min(0, room) - padding + random.NextInt(Math.Abs(room) + 1);
    }
}

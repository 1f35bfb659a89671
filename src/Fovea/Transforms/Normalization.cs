using Fovea.Imaging;
using Fovea.Transforms.Kernels;

namespace Fovea.Transforms;

/// <summary>
/// Scales the values of a picture to [0, 1], subtracts the mean and divides by the standard deviation, channel by channel, in
/// single precision; bit for bit what torchvision's ToTensor and Normalize give.
/// </summary>
public sealed class Normalization
{
    private readonly (float Mean, float Std, float[] Table)[] channels;
    private readonly bool isBlueFirst;

    /// <summary>Prepares the arithmetic.</summary>
    /// <param name="preprocessing">Mean and standard deviation; one of each for every channel.</param>
    /// <exception cref="FoveaException">There are not as many means as standard deviations, one of those is not positive, or blue comes first among other than three channels.</exception>
    public Normalization(Preprocessing preprocessing)
    {
        var (mean, std) = (preprocessing.Mean, preprocessing.Std);
        if (mean.Count == 0 || mean.Count != std.Count)
            throw new FoveaException($"preprocessing: found {mean.Count} means and {std.Count} standard deviations, expected one of each for every channel");
        if (std.FirstOrDefault(static value => !(value > 0)) is var wrong && std.Any(static value => !(value > 0)))
            throw new FoveaException($"preprocessing: standard deviation: found {wrong}, expected a number above 0");
        if (preprocessing.IsBlueFirst && mean.Count != 3)
            throw new FoveaException($"preprocessing: found the blue channel first among {mean.Count}, expected 3 channels");
        isBlueFirst = preprocessing.IsBlueFirst;
        channels = [.. mean.Zip(std, static (mean, std) => (mean, std, NormalizeKernel.Table(mean, std)))];
    }

    /// <summary>Channels of the pictures it is for.</summary>
    public int Channels => channels.Length;

    /// <summary>Normalises a picture into the top left of a larger area and sets the rest to 0.</summary>
    /// <param name="image">The picture, 8 bits a channel.</param>
    /// <param name="name">Its path, for messages.</param>
    /// <param name="target">Receives channels times <paramref name="size"/> values.</param>
    /// <param name="size">Size of the area.</param>
    /// <param name="channelsLast">Whether the channels of a pixel lie together; otherwise channel by channel.</param>
    /// <exception cref="DataException">The picture has other channels than the preprocessing speaks of.</exception>
    public void Write(Image image, string name, Span<float> target, ImageSize size, bool channelsLast)
    {
        if (image.Type != PixelType.UInt8 || image.Channels != Channels)
            throw new DataException(name, "channels", $"{image.Channels} of {image.Type}", $"{Channels} of 8 bits, as the preprocessing says");
        if (image.Width > size.Width || image.Height > size.Height || target.Length != Channels * size.Height * size.Width)
            throw new ArgumentException($"found a picture of {image.Size} and {target.Length} values, expected room for it in {Channels} channels of {size}", nameof(target));
        if (isBlueFirst)
            image = Reversed(image);
        if (channelsLast)
            NormalizeKernel.Interleaved(image, channels, target, size);
        else
            NormalizeKernel.Planar(image, channels, target, size);
    }

    private static Image Reversed(Image image)
    {
        var reversed = new Image(image.Size, image.Channels);
        var (from, to) = (image.Data, reversed.Data);
        for (var i = 0; i < from.Length; i += 3)
            (to[i], to[i + 1], to[i + 2]) = (from[i + 2], from[i + 1], from[i]);
        return reversed;
    }
}

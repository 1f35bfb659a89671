using Fovea.Imaging;
using Fovea.Transforms.Kernels;

namespace Fovea.Transforms;

/// <summary>
/// Scales the values of a picture to [0, 1], subtracts the mean and divides by the standard deviation, channel by channel, in
/// single precision; bit for bit what torchvision's ToTensor and Normalize give. Depth, the last channel of
/// <see cref="ImageChannels.Rgbd"/>, is not scaled: its mean and deviation are in the file's units.
/// </summary>
public sealed class Normalization
{
    private readonly NormalizedChannel[] channels;
    private readonly bool hasDepth;

    /// <summary>Prepares the arithmetic.</summary>
    /// <param name="preprocessing">Mean and standard deviation; one of each for every channel.</param>
    /// <exception cref="FoveaException">There are not as many means as standard deviations, one of those is not positive, or blue is first of other than three channels.</exception>
    public Normalization(Preprocessing preprocessing)
    {
        var (mean, std) = (preprocessing.Mean, preprocessing.Std);
        if (mean.Count == 0 || mean.Count != std.Count)
            throw new FoveaException($"preprocessing: found {mean.Count} means and {std.Count} standard deviations, expected one of each for every channel");
        if (std.FirstOrDefault(static value => !(value > 0)) is var wrong && std.Any(static value => !(value > 0)))
            throw new FoveaException($"preprocessing: standard deviation: found {wrong}, expected a number above 0");
        hasDepth = preprocessing.Channels == ImageChannels.Rgbd;
        if (hasDepth && mean.Count != ImageChannels.Rgbd.Count())
            throw new FoveaException($"preprocessing: found {mean.Count} means and standard deviations, expected 4 for red, green, blue and depth");
        if (preprocessing.BlueFirst && mean.Count != 3)
            throw new FoveaException($"preprocessing: found blue first of {mean.Count} channels, expected 3");
        channels = [.. mean.Zip(std).Select((pair, i) => NormalizedChannel.Of(preprocessing.BlueFirst ? 2 - i : i, pair.First, pair.Second))];
    }

    /// <summary>Channels of the pictures it is for.</summary>
    public int Channels => channels.Length;

    /// <summary>Normalises a picture into the top left of a larger area and sets the rest to 0.</summary>
    /// <param name="image">The picture, 8 bits a channel.</param>
    /// <param name="name">Its path, for messages.</param>
    /// <param name="target">Receives channels times <paramref name="size"/> values.</param>
    /// <param name="size">Size of the area.</param>
    /// <param name="channelsLast">Whether the channels of a pixel lie together; otherwise channel by channel.</param>
    /// <param name="depth">The depth of every pixel, one channel of 16 bits, where the preprocessing speaks of it.</param>
    /// <exception cref="DataException">The picture has other channels than the preprocessing speaks of, or no depth.</exception>
    public void Write(Image image, string name, Span<float> target, ImageSize size, bool channelsLast, Image? depth = null)
    {
        var colours = hasDepth ? Channels - 1 : Channels;
        if (image.Type != PixelType.UInt8 || image.Channels != colours)
            throw new DataException(name, "channels", $"{image.Channels} of {image.Type}", $"{colours} of 8 bits, as the preprocessing says");
        if (hasDepth && depth is null)
            throw new DataException(name, "depth", "no depth picture", "one beside it: the network takes colour and depth");
        if (image.Width > size.Width || image.Height > size.Height || target.Length != Channels * size.Height * size.Width)
            throw new ArgumentException($"found a picture of {image.Size} and {target.Length} values, expected room for it in {Channels} channels of {size}", nameof(target));
        if (channelsLast)
            NormalizeKernel.Interleaved(image, channels, target, size, Channels);
        else
            NormalizeKernel.Planar(image, channels, target, size);
        if (!hasDepth)
            return;
        var (mean, std) = (channels[^1].Mean, channels[^1].Std);
        var plane = size.Height * size.Width;
        if (channelsLast)
            NormalizeKernel.Depth(depth!, mean, std, target[colours..], size, Channels);
        else
            NormalizeKernel.Depth(depth!, mean, std, target.Slice(colours * plane, plane), size, 1);
    }
}

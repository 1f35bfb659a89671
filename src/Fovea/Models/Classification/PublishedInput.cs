using Fovea.Imaging;
using Fovea.Torch;

namespace Fovea.Models.Classification;

/// <summary>What the classifiers of ImageNet ask of their pictures.</summary>
internal static class PublishedInput
{
    /// <summary>Shorter side to <paramref name="shorterSide"/>, then the centre: how the published accuracies were measured.</summary>
    public static Preprocessing Centre(int channels, int side = 224, int shorterSide = 256) => new Preprocessing
    {
        SizeRule = SizeRule.ShorterSideThenCrop, ShorterSide = shorterSide, Height = side, Width = side, Interpolation = Interpolation.BilinearAntialias,
    }.Adapt(channels);

    /// <summary>As timm's weights of Inception networks and others expect it: the shorter side by cubic interpolation.</summary>
    public static Preprocessing CentreBicubic(int channels, int side, int shorterSide) => Centre(channels, side, shorterSide) with { Interpolation = Interpolation.BicubicAntialias };

    /// <summary>A square of this side, whatever the picture's shape.</summary>
    public static Preprocessing Exact(int channels, int side) => new Preprocessing { SizeRule = SizeRule.Exact, Height = side, Width = side }.Adapt(channels);

    /// <summary>The same picture with values from -1 to 1.</summary>
    public static Preprocessing FromMinusOne(this Preprocessing preprocessing)
    {
        IReadOnlyList<float> half = [.. preprocessing.Mean.Select(_ => 0.5f)];
        return preprocessing with { Mean = half, Std = half };
    }

    /// <summary>As networks trained in Caffe expect it: blue first, colours of 0 to 255 less a mean of each.</summary>
    public static Preprocessing Caffe(int channels, int side = 224, float blue = 103.939f, float green = 116.779f, float red = 123.68f) =>
        channels != 3 ? Centre(channels, side) : Centre(channels, side).LessMeans(blue, green, red);

    /// <summary>Refuses what a network cannot see.</summary>
    /// <param name="network">The network as a reader knows it.</param>
    /// <param name="images">The images, expected <c>[N, C, H, W]</c>.</param>
    /// <param name="channels">Channels of the first convolution.</param>
    /// <param name="minimum">The shortest side that leaves every layer at least one cell, pixels.</param>
    /// <param name="reason">What a smaller picture would not reach.</param>
    /// <exception cref="FoveaException">Other dimensions, other channels, or too small.</exception>
    public static void Require(string network, Tensor images, int channels, int minimum, string reason)
    {
        var shape = images.Shape;
        if (images.Rank != 4 || shape[1] != channels)
            throw new FoveaException($"{network}: found images {shape}, expected [N, {channels}, H, W]");
        if (shape[2] < minimum || shape[3] < minimum)
            throw new FoveaException($"{network}: found images of {shape[3]}x{shape[2]} pixels, expected at least {minimum}x{minimum}: {reason}; set the preprocessing to a larger size");
    }

    /// <summary>Refuses pictures of any but one size.</summary>
    /// <param name="network">The network as a reader knows it.</param>
    /// <param name="images">The images, expected <c>[N, C, side, side]</c>.</param>
    /// <param name="channels">Channels of the first convolution.</param>
    /// <param name="side">Their sides, pixels.</param>
    /// <param name="reason">Why, or what to do.</param>
    /// <exception cref="FoveaException">Other dimensions, channels or sides.</exception>
    public static void RequireExactly(string network, Tensor images, int channels, int side, string reason)
    {
        if (images.Shape != new Shape(images.Rank == 4 ? images.Shape[0] : 1, channels, side, side))
            throw new FoveaException($"{network}: found images {images.Shape}, expected [N, {channels}, {side}, {side}], {reason}");
    }
}

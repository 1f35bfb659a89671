using Fovea.Torch;

namespace Fovea.Models.Detection;

/// <summary>
/// The reference implementation's way from images to what the network sees, on tensors: normalised, resized, padded. It serves
/// the bare forward pass; pictures from files are prepared before they become tensors.
/// </summary>
/// <param name="Images">Normalised, resized and padded at the bottom and right with zeros, <c>[N, C, H', W']</c>.</param>
/// <param name="Size">Size without the padding, the same for all images.</param>
internal sealed record ReferenceInput(Tensor Images, ImageSize Size)
{
    /// <summary>Prepares images of one size.</summary>
    /// <param name="images"><c>[N, C, H, W]</c> float32 in [0, 1].</param>
    /// <param name="preprocessing">Mean, deviation, size rule and padding.</param>
    /// <exception cref="FoveaException">The tensor has another shape or channel count, or the size rule needs the picture itself.</exception>
    public static ReferenceInput Of(Tensor images, Preprocessing preprocessing)
    {
        var channels = preprocessing.Mean.Count;
        if (images.Rank != 4 || !images.Dtype.IsFloatingPoint() || (channels > 1 && images.Shape[1] != channels))
            throw new FoveaException($"image: found {images.Dtype} {images.Shape}, expected floating-point [N, {channels}, H, W] in [0, 1]");
        using var scope = new TensorScope();
        var mean = Tensor.FromArray(preprocessing.Mean.ToArray(), [1, channels, 1, 1]).To(images.Device, images.Dtype);
        var std = Tensor.FromArray(preprocessing.Std.ToArray(), [1, channels, 1, 1]).To(images.Device, images.Dtype);
        var size = SizeOf(AnchorOutputs.SizeOf(images), preprocessing);
        var resized = (images - mean).DivInPlace(std).UpsampleBilinear2d([size.Height, size.Width], false);
        var (right, bottom) = (Missing(size.Width, preprocessing.SizeMultiple), Missing(size.Height, preprocessing.SizeMultiple));
        var padded = right + bottom == 0 ? resized : resized.ConstantPadNd([0, right, 0, bottom]);
        return new ReferenceInput(scope.Keep(padded), size);
    }

    private static ImageSize SizeOf(ImageSize size, Preprocessing preprocessing)
    {
        switch (preprocessing.SizeRule)
        {
            case SizeRule.Keep:
                return size;
            case SizeRule.Exact:
                return new ImageSize(preprocessing.Height, preprocessing.Width);
            case SizeRule.ShorterLonger:
                return DetectorSize.Of(size, preprocessing.ShorterSide, preprocessing.LongerSide);
            default:
                throw new FoveaException($"preprocessing: found the size rule {preprocessing.SizeRule}, expected Keep, Exact or ShorterLonger for a bare forward pass of a detector");
        }
    }

    private static int Missing(int side, int multiple) => (multiple - side % multiple) % multiple;
}

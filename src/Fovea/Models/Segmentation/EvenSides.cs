using Fovea.Torch;

namespace Fovea.Models.Segmentation;

/// <summary>Lets networks that halve the resolution evenly, or so many times, take images of any size.</summary>
internal static class EvenSides
{
    /// <summary>Runs a network on images padded with zeros at the bottom and right, and cuts its scores to the images' size.</summary>
    /// <param name="images"><c>[N, C, H, W]</c>.</param>
    /// <param name="multiple">What both sides must be multiples of, pixels.</param>
    /// <param name="network">From padded images to scores of their size.</param>
    public static Tensor Run(Tensor images, int multiple, Func<Tensor, Tensor> network)
    {
        using var scope = new TensorScope();
        return scope.Keep(Cut(network(Pad(images, multiple)), images));
    }

    /// <summary>The images with zeros at the bottom and right; themselves where both sides fit already.</summary>
    public static Tensor Pad(Tensor images, int multiple) => PadBy(images, Missing(images.Shape[2], multiple), Missing(images.Shape[3], multiple));

    /// <summary>The images with zeros at the bottom and right where a side is too short for a network; themselves where both are long enough.</summary>
    /// <param name="images"><c>[N, C, H, W]</c>.</param>
    /// <param name="smallest">The shortest side, pixels.</param>
    public static Tensor PadTo(Tensor images, int smallest) => PadBy(images, Math.Max(0, smallest - images.Shape[2]), Math.Max(0, smallest - images.Shape[3]));

    /// <summary>Scores without what padding gave; themselves where nothing was padded.</summary>
    public static Tensor Cut(Tensor scores, Tensor images)
    {
        var (height, width) = (images.Shape[2], images.Shape[3]);
        return scores.Shape[2] == height && scores.Shape[3] == width ? scores : scores.Narrow(2, 0, height).Narrow(3, 0, width);
    }

    private static Tensor PadBy(Tensor images, long below, long right) => below + right == 0 ? images : images.ConstantPadNd([0, right, 0, below]);

    private static long Missing(long side, int multiple) => (multiple - side % multiple) % multiple;
}

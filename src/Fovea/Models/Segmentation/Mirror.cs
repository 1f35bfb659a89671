using Fovea.Torch;

namespace Fovea.Models.Segmentation;

/// <summary>A window on an image that goes on beyond its edges as its mirror image, again and again; the edge pixels are not repeated.</summary>
internal static class Mirror
{
    /// <summary>Cuts a window out of <c>[N, C, H, W]</c>, which may reach beyond the image on every side.</summary>
    public static Tensor Cut(Tensor image, long top, long left, long height, long width)
    {
        using var scope = new TensorScope();
        return scope.Keep(Cut(Cut(image, 2, top, height), 3, left, width));
    }

    private static Tensor Cut(Tensor image, int dimension, long start, long count)
    {
        var size = image.Shape[dimension];
        if (start >= 0 && start + count <= size)
            return image.Narrow(dimension, start, count);
        var period = Math.Max(1, 2 * (size - 1));
        var indices = new long[count];
        for (var i = 0; i < count; i++)
        {
            var phase = ((start + i) % period + period) % period;
            indices[i] = Math.Min(phase, period - phase) % size;
        }

        return image.IndexSelect(dimension, Tensor.FromArray(indices).To(image.Device));
    }
}

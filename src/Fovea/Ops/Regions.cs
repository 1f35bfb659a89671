using Fovea.Torch;

namespace Fovea.Ops;

/// <summary>Regions of a batch of images in one tensor [R, 5], rows (image, x1, y1, x2, y2): what region pooling takes.</summary>
public static class Regions
{
    /// <summary>Joins the boxes of all images.</summary>
    /// <param name="boxes">For each image its boxes [Rᵢ, 4], <see cref="BoxFormat.Xyxy"/>; [0, 4] for none.</param>
    /// <returns>[ΣRᵢ, 5], image after image; a copy without gradients.</returns>
    /// <exception cref="ArgumentException">There is no image, or boxes are not [N, 4].</exception>
    public static Tensor Join(IReadOnlyList<Tensor> boxes)
    {
        if (boxes.Count == 0)
            throw new ArgumentException("found no images, expected the boxes of at least one", nameof(boxes));
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        var rows = new List<Tensor>(boxes.Count);
        for (var image = 0; image < boxes.Count; image++)
        {
            BoxOps.CheckBoxes(boxes[image], nameof(boxes));
            rows.Add(boxes[image].ConstantPadNd([1, 0], image));
        }

        return scope.Keep(Aten.Cat(rows));
    }

    internal static void Check(Tensor features, Tensor regions, ImageSize bins)
    {
        if (features.Rank != 4 || !features.Dtype.IsFloatingPoint())
            throw new ArgumentException($"found feature maps of {features.Dtype} {features.Shape}, expected floating-point [N, C, H, W]", nameof(features));
        if (regions.Rank != 2 || regions.Shape[1] != 5 || !regions.Dtype.IsFloatingPoint())
            throw new ArgumentException($"found regions of {regions.Dtype} {regions.Shape}, expected floating-point [R, 5]: image, x1, y1, x2, y2", nameof(regions));
        if (bins.Height < 1 || bins.Width < 1)
            throw new ArgumentException($"found {bins} bins, expected at least one along each axis", nameof(bins));
        if (features.Device != regions.Device)
            throw new ArgumentException($"found feature maps on {features.Device} and regions on {regions.Device}, expected one device", nameof(regions));
    }
}

using Fovea.Ops.Kernels;
using Fovea.Torch;

namespace Fovea.Ops;

/// <summary>RoIPool (Girshick 2015, section 2.1): the maximum of every bin of a region whose edges are rounded to whole cells.</summary>
public static class RoiPool
{
    /// <summary>Pools the regions. Differentiable with respect to the feature maps.</summary>
    /// <param name="features">[N, C, H, W].</param>
    /// <param name="regions">[R, 5], rows (image, x1, y1, x2, y2) in pixels; see <see cref="Regions"/>.</param>
    /// <param name="bins">Bins from top to bottom and left to right.</param>
    /// <param name="spatialScale">Cells of the feature map per pixel of the image, 1 / stride.</param>
    /// <returns>[R, C, bins down, bins across], of the type of the feature maps; bins without a cell are 0.</returns>
    /// <exception cref="ArgumentException">A shape does not fit.</exception>
    /// <exception cref="FoveaException">A region names an image that is not in the batch.</exception>
    public static Tensor Run(Tensor features, Tensor regions, ImageSize bins, double spatialScale)
    {
        Regions.Check(features, regions, bins);
        using var scope = new TensorScope();
        var dtype = OpsPath.ComputeType(features);
        var function = new RoiPoolFunction(OpsPath.Plain(regions, dtype), bins, spatialScale);
        return scope.Keep(function.Apply(features.To(dtype))[0].To(features.Dtype));
    }
}

/// <summary>RoIPool with its backward, through the kernel or composed.</summary>
internal sealed class RoiPoolFunction(Tensor regions, ImageSize bins, double scale) : AutogradFunction
{
    private bool usesKernel;
    private Shape shape;
    private Tensor? savedRegions;
    private Tensor? argmax;

    protected override Tensor[] Forward(IReadOnlyList<Tensor> inputs)
    {
        savedRegions = Save(regions);
        shape = inputs[0].Shape;
        usesKernel = OpsPath.HasKernel(inputs[0]);
        using var scope = new TensorScope();
        if (!usesKernel)
        {
            var (pooled, cells) = ComposedRoiPool.Forward(inputs[0], regions, bins, scale);
            argmax = Save(cells);
            return [scope.Keep(pooled)];
        }

        var features = inputs[0].Detach().Contiguous();
        var result = Tensor.Empty([regions.Shape[0], shape[1], bins.Height, bins.Width], features.Dtype);
        var where = Tensor.Empty(result.Shape, Dtype.Int32);
        if (features.Dtype == Dtype.Float64)
            RoiPoolKernel.Forward<double>(features.Memory<double>(), MapShape.Of(shape), regions.Memory<double>(), bins, scale, result.Memory<double>(), where.Memory<int>());
        else
            RoiPoolKernel.Forward<float>(features.Memory<float>(), MapShape.Of(shape), regions.Memory<float>(), bins, scale, result.Memory<float>(), where.Memory<int>());
        argmax = Save(where);
        return [scope.Keep(result)];
    }

    protected override Tensor?[] Backward(IReadOnlyList<Tensor?> gradients)
    {
        if (gradients[0] is not { } given)
            return [null];
        using var scope = new TensorScope();
        if (!usesKernel)
            return [scope.Keep(ComposedRoiPool.Backward(given, argmax!, shape, savedRegions!))];
        var gradient = given.Contiguous();
        var result = Tensor.Empty(shape, gradient.Dtype);
        var perRegion = bins.Height * bins.Width;
        if (gradient.Dtype == Dtype.Float64)
            RoiPoolKernel.Backward<double>(gradient.Memory<double>(), argmax!.Memory<int>(), MapShape.Of(shape), savedRegions!.Memory<double>(), perRegion, result.Memory<double>());
        else
            RoiPoolKernel.Backward<float>(gradient.Memory<float>(), argmax!.Memory<int>(), MapShape.Of(shape), savedRegions!.Memory<float>(), perRegion, result.Memory<float>());
        return [scope.Keep(result)];
    }
}

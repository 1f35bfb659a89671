using Fovea.Ops.Kernels;
using Fovea.Torch;

namespace Fovea.Ops;

/// <summary>RoIAlign (He et al. 2017, section 3): regions of feature maps resampled to a fixed number of bins by bilinear interpolation.</summary>
public static class RoiAlign
{
    /// <summary>Pools the regions. Differentiable with respect to the feature maps.</summary>
    /// <param name="features">[N, C, H, W].</param>
    /// <param name="regions">[R, 5], rows (image, x1, y1, x2, y2) in pixels; see <see cref="Regions"/>.</param>
    /// <param name="bins">Bins from top to bottom and left to right.</param>
    /// <param name="spatialScale">Cells of the feature map per pixel of the image, 1 / stride.</param>
    /// <param name="samplingRatio">Sampling points per bin and axis; 0 for as many as the bin covers cells (rounded up).</param>
    /// <param name="aligned">
    /// Whether pixel i has its centre at i + 0.5, so that regions shift by half a cell (detectron2); without it regions are also
    /// at least a cell in size (torchvision's detectors). Weights work only with the value they were trained with.
    /// </param>
    /// <returns>[R, C, bins down, bins across], of the type of the feature maps.</returns>
    /// <exception cref="ArgumentException">A shape does not fit.</exception>
    /// <exception cref="FoveaException">A region names an image that is not in the batch.</exception>
    public static Tensor Run(Tensor features, Tensor regions, ImageSize bins, double spatialScale, int samplingRatio, bool aligned)
    {
        Regions.Check(features, regions, bins);
        ArgumentOutOfRangeException.ThrowIfNegative(samplingRatio);
        using var scope = new TensorScope();
        var dtype = OpsPath.ComputeType(features);
        var parameters = new RoiAlignParameters(bins.Height, bins.Width, spatialScale, samplingRatio, aligned);
        var plainRegions = OpsPath.Plain(regions, dtype);
        AutogradFunction function = RoiAlignLastFunction.Takes(features)
            ? new RoiAlignLastFunction(plainRegions, parameters)
            : new RoiAlignFunction(plainRegions, parameters);
        return scope.Keep(function.Apply(function is RoiAlignLastFunction ? features : features.To(dtype))[0].To(features.Dtype));
    }
}

/// <summary>RoIAlign with its backward, through the kernel or composed.</summary>
internal sealed class RoiAlignFunction(Tensor regions, RoiAlignParameters parameters) : AutogradFunction
{
    private bool usesKernel;
    private Shape shape;
    private Tensor? savedRegions;

    protected override Tensor[] Forward(IReadOnlyList<Tensor> inputs)
    {
        savedRegions = Save(regions);
        shape = inputs[0].Shape;
        usesKernel = OpsPath.HasKernel(inputs[0]);
        using var scope = new TensorScope();
        if (!usesKernel)
            return [scope.Keep(ComposedRoiAlign.Forward(inputs[0], regions, parameters))];
        var features = inputs[0].Detach().Contiguous();
        var result = Tensor.Empty([regions.Shape[0], shape[1], parameters.PooledHeight, parameters.PooledWidth], features.Dtype);
        if (features.Dtype == Dtype.Float64)
            RoiAlignKernel.Forward<double>(features.Memory<double>(), MapShape.Of(shape), regions.Memory<double>(), parameters, result.Memory<double>());
        else
            RoiAlignKernel.Forward<float>(features.Memory<float>(), MapShape.Of(shape), regions.Memory<float>(), parameters, result.Memory<float>());
        return [scope.Keep(result)];
    }

    protected override Tensor?[] Backward(IReadOnlyList<Tensor?> gradients)
    {
        if (gradients[0] is not { } given)
            return [null];
        using var scope = new TensorScope();
        if (!usesKernel)
            return [scope.Keep(ComposedRoiAlign.Backward(given, shape, savedRegions!, parameters))];
        var gradient = given.Contiguous();
        var result = Tensor.Empty(shape, gradient.Dtype);
        if (gradient.Dtype == Dtype.Float64)
            RoiAlignKernel.Backward<double>(gradient.Memory<double>(), MapShape.Of(shape), savedRegions!.Memory<double>(), parameters, result.Memory<double>());
        else
            RoiAlignKernel.Backward<float>(gradient.Memory<float>(), MapShape.Of(shape), savedRegions!.Memory<float>(), parameters, result.Memory<float>());
        return [scope.Keep(result)];
    }
}

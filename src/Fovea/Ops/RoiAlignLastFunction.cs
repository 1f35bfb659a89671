using Fovea.Ops.Kernels;
using Fovea.Torch;

namespace Fovea.Ops;

/// <summary>RoIAlign with its backward for feature maps in channels-last memory, in single precision or bfloat16, read in place.</summary>
internal sealed class RoiAlignLastFunction(Tensor regions, RoiAlignParameters parameters) : AutogradFunction
{
    private Shape shape;
    private Dtype dtype;
    private Tensor? savedRegions;

    /// <summary>Whether the feature maps are of the kind this is for.</summary>
    public static bool Takes(Tensor features) => OpsPath.UsesKernels && !features.Device.IsCuda && features.Dtype is (Dtype.Float32 or Dtype.BFloat16)
        && !features.IsContiguous() && features.IsContiguous(MemoryFormat.ChannelsLast);

    protected override Tensor[] Forward(IReadOnlyList<Tensor> inputs)
    {
        savedRegions = Save(regions);
        (shape, dtype) = (inputs[0].Shape, inputs[0].Dtype);
        using var scope = new TensorScope();
        var cells = inputs[0].Detach().Permute([0, 2, 3, 1]);
        var result = Tensor.Empty([regions.Shape[0], shape[1], parameters.PooledHeight, parameters.PooledWidth]);
        if (cells.Dtype == Dtype.BFloat16)
            RoiAlignLastKernel.Forward<BFloat16Cell, short>(cells.View(Dtype.Int16).Memory<short>(), MapShape.Of(shape), regions.Memory<float>(), parameters, result.Memory<float>());
        else
            RoiAlignLastKernel.Forward<SingleCell, float>(cells.Memory<float>(), MapShape.Of(shape), regions.Memory<float>(), parameters, result.Memory<float>());
        return [scope.Keep(result)];
    }

    protected override Tensor?[] Backward(IReadOnlyList<Tensor?> gradients)
    {
        if (gradients[0] is not { } given)
            return [null];
        using var scope = new TensorScope();
        var cells = Tensor.Empty([shape[0], shape[2], shape[3], shape[1]]);
        RoiAlignLastKernel.Backward(given.Contiguous().Memory<float>(), MapShape.Of(shape), savedRegions!.Memory<float>(), parameters, cells.Memory<float>());
        return [scope.Keep(cells.To(dtype).Permute([0, 3, 1, 2]))];
    }
}

namespace Fovea.Torch.Nn;

/// <summary>
/// Where convolutions of images whose channel is the fastest dimension are better computed in the plain layout, though their map is
/// copied there and back: in single precision, by the measured speed of the processor's kernels.
/// </summary>
internal static class PlainLayout
{
    // Fewer weights, or fewer cells of the map, and copying costs more than it gains.
    private const long FewestCellsForward = 4096, FewestCellsBackward = 512, FewestWeightsForward = 140_000;

    private static readonly Lazy<long> FewestWeightsBackward = new(static () => Processor.HasAvx512 ? 500_000 : 36_000);

    /// <summary>Whether a convolution without groups gains in the forward pass; with vectors of 512 bits none does.</summary>
    public static bool PaysForward(Tensor input, Tensor weight, long[] stride) =>
        !Processor.HasAvx512 && weight.Shape.Count >= FewestWeightsForward && Cells(input, stride) >= FewestCellsForward && Fits(input, weight);

    /// <summary>Whether a convolution without groups gains in the backward pass.</summary>
    public static bool PaysBackward(Tensor input, Tensor weight, long[] stride) =>
        weight.Shape.Count >= FewestWeightsBackward.Value && Cells(input, stride) >= FewestCellsBackward && Autograd.IsEnabled && weight.RequiresGrad && Fits(input, weight);

    /// <summary>Convolves in the plain layout; the channel is the fastest dimension of the result again.</summary>
    public static Tensor Convolve(Tensor input, Tensor weight, Tensor? bias, long[] stride, long[] padding, long[] dilation)
    {
        using var scope = new TensorScope();
        return scope.Keep(Aten.Conv2d(input.Contiguous(), weight.Contiguous(), bias, stride, padding, dilation).Contiguous(MemoryFormat.ChannelsLast));
    }

    private static long Cells(Tensor input, long[] stride) => input.Shape[0] * (input.Shape[2] / stride[0]) * (input.Shape[3] / stride[1]);

    private static bool Fits(Tensor input, Tensor weight) =>
        weight.Shape[2] * weight.Shape[3] > 1 && input.Dtype == Dtype.Float32 && weight.Dtype == Dtype.Float32 && !Autocast.IsActive
        && input.Device == Device.Cpu && input.IsContiguous(MemoryFormat.ChannelsLast) && !input.IsContiguous();
}

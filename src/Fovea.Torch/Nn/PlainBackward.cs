namespace Fovea.Torch.Nn;

/// <summary>
/// A convolution of images whose channel is the fastest dimension, with its gradients computed in the plain layout: in single
/// precision the processor's kernels for those are so much faster for wide 3x3 convolutions that the copies pay.
/// </summary>
internal sealed class PlainBackward(long[] stride, long[] padding, long[] dilation) : AutogradFunction
{
    // Fewer weights, or fewer cells of the map, and copying costs more than it gains.
    private const long FewestCells = 512, FewestWeights = 500_000;

    private Tensor? input;
    private Tensor? weight;
    private bool needsInput;
    private bool hasBias;

    /// <summary>Whether a convolution without groups gains from it.</summary>
    public static bool Pays(Tensor input, Tensor weight, long[] stride) =>
        weight.Shape.Count >= FewestWeights && weight.Shape[2] * weight.Shape[3] > 1
        && input.Shape[0] * (input.Shape[2] / stride[0]) * (input.Shape[3] / stride[1]) >= FewestCells
        && input.Dtype == Dtype.Float32 && weight.Dtype == Dtype.Float32 && !Autocast.IsActive
        && Autograd.IsEnabled && weight.RequiresGrad && input.Device == Device.Cpu
        && input.IsContiguous(MemoryFormat.ChannelsLast) && !input.IsContiguous();

    protected override Tensor[] Forward(IReadOnlyList<Tensor> inputs)
    {
        (input, weight, needsInput, hasBias) = (Save(inputs[0]), Save(inputs[1]), inputs[0].RequiresGrad, inputs.Count > 2);
        return [Aten.Conv2d(inputs[0], inputs[1], hasBias ? inputs[2] : null, stride, padding, dilation)];
    }

    protected override Tensor?[] Backward(IReadOnlyList<Tensor?> gradients)
    {
        if (gradients[0] is not { } given)
            return hasBias ? [null, null, null] : [null, null];
        using var scope = new TensorScope();
        var found = Aten.ConvolutionBackward(given.Contiguous(), input!.Contiguous(), weight!.Contiguous(), hasBias ? [weight.Shape[0]] : null, stride, padding, dilation,
            transposed: false, [0, 0], 1, [needsInput, true, hasBias]);
        var ofInput = needsInput ? scope.Keep(found.Item1.Contiguous(MemoryFormat.ChannelsLast)) : null;
        var ofWeight = scope.Keep(found.Item2.Contiguous(MemoryFormat.ChannelsLast));
        return hasBias ? [ofInput, ofWeight, scope.Keep(found.Item3)] : [ofInput, ofWeight];
    }
}

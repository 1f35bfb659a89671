namespace Fovea.Torch.Nn;

/// <summary>
/// A convolution of images whose channel is the fastest dimension, with its gradients computed in the plain layout: in single
/// precision the processor's kernels for those are so much faster for wide 3x3 convolutions that the copies pay.
/// </summary>
internal sealed class PlainBackward(long[] stride, long[] padding, long[] dilation) : AutogradFunction
{
    private Tensor? input;
    private Tensor? weight;
    private bool needsInput;
    private bool hasBias;

    protected override Tensor[] Forward(IReadOnlyList<Tensor> inputs)
    {
        (input, weight, needsInput, hasBias) = (Save(inputs[0]), Save(inputs[1]), inputs[0].RequiresGrad, inputs.Count > 2);
        var bias = hasBias ? inputs[2] : null;
        return PlainLayout.PaysForward(inputs[0], inputs[1], stride)
            ? [PlainLayout.Convolve(inputs[0], inputs[1], bias, stride, padding, dilation)]
            : [Aten.Conv2d(inputs[0], inputs[1], bias, stride, padding, dilation)];
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

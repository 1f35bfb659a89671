namespace Fovea.Torch.Nn;

/// <summary>x where positive, else a learned fraction of it (He et al. 2015). Key <c>weight</c> [1] or [C].</summary>
public sealed class PReLU : Layer
{
    private readonly Tensor weight;

    /// <summary>Creates the layer.</summary>
    /// <param name="channels">1 for one fraction, C for one a channel.</param>
    /// <param name="initial">What the fractions start from.</param>
    public PReLU(int channels = 1, double initial = 0.25) => weight = Parameter("weight", Tensor.Full([channels], initial));

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input)
    {
        // libtorch's own operator passes over every map several times more than one fraction needs.
        if (weight.Shape.Count != 1 || weight.Device != Device.Cpu)
            return input.Prelu(weight.To(input.Dtype));
        return Autograd.IsEnabled ? new OneFractionFunction().Apply(input, weight)[0] : input.LeakyRelu(weight.ToDouble());
    }

    private sealed class OneFractionFunction : AutogradFunction
    {
        private double fraction;
        private Tensor? saved;
        private Dtype weightType;

        protected override Tensor[] Forward(IReadOnlyList<Tensor> inputs)
        {
            saved = Save(inputs[0]);
            weightType = inputs[1].Dtype;
            fraction = inputs[1].ToDouble();
            return [inputs[0].LeakyRelu(fraction)];
        }

        protected override Tensor?[] Backward(IReadOnlyList<Tensor?> gradients)
        {
            if (gradients[0] is not { } given)
                return [null, null];
            using var scope = new TensorScope();
            var ofInput = Aten.LeakyReluBackward(given, saved!, fraction, selfIsResult: false);
            // d/dw of w·min(x, 0).
            var ofWeight = saved!.ClampMax(0).MulInPlace(given).Sum(weightType).Reshape([1]);
            return [scope.Keep(ofInput), scope.Keep(ofWeight)];
        }
    }
}

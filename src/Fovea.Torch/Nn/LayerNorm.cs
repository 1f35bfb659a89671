namespace Fovea.Torch.Nn;

/// <summary>Normalisation of the last dimensions of every sample by their own mean and biased variance (Ba et al. 2016). Keys <c>weight</c>, <c>bias</c>.</summary>
public sealed class LayerNorm : Layer
{
    private readonly long[] shape;
    private readonly double eps;
    private readonly Tensor? weight;
    private readonly Tensor? bias;

    /// <summary>Creates the layer.</summary>
    /// <param name="shape">The sizes of the last dimensions, which are normalised together.</param>
    /// <param name="eps">Added to the variance.</param>
    /// <param name="affine">Whether there are a scale and a shift to learn, of that shape.</param>
    public LayerNorm(Shape shape, double eps = 1e-5, bool affine = true)
    {
        this.shape = shape.ToArray();
        this.eps = eps;
        if (!affine)
            return;
        weight = Parameter("weight", Tensor.Ones(shape));
        bias = Parameter("bias", Tensor.Zeros(shape));
    }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input) => Aten.LayerNorm(input, shape, weight?.To(input.Dtype), bias?.To(input.Dtype), eps);
}

namespace Fovea.Torch.Nn;

/// <summary>Affine map of the last dimension, <c>[..., in]</c> to <c>[..., out]</c>. Keys <c>weight</c> [out, in], <c>bias</c> [out].</summary>
public sealed class Linear : Layer
{
    /// <summary>Creates the layer with PyTorch's default initialisation.</summary>
    /// <param name="inFeatures">Size of the last dimension of the input.</param>
    /// <param name="outFeatures">Size of the last dimension of the output.</param>
    /// <param name="hasBias">Whether a bias is added.</param>
    public Linear(int inFeatures, int outFeatures, bool hasBias = true)
    {
        Weight = Parameter("weight", Tensor.Empty([outFeatures, inFeatures]));
        Bias = hasBias ? Parameter("bias", Tensor.Empty([outFeatures])) : null;
        Init.ConvolutionDefault(Weight, Bias);
    }

    /// <summary>The matrix, [out, in].</summary>
    public Tensor Weight { get; }

    /// <summary>The bias, [out], or null.</summary>
    public Tensor? Bias { get; }

    /// <summary>The weights that an <see cref="InferencePlan"/> put in place of the layer's own, or null.</summary>
    internal PlannedWeights? Planned { get; set; }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input) => Planned is { } planned
        ? Aten.Linear(planned.Adapt(input), planned.Weight, planned.Bias)
        : Aten.Linear(input, Weight, Bias);
}

namespace Fovea.Torch.Nn;

/// <summary>
/// Affine map of the last dimension, <c>[..., in]</c> to <c>[..., out]</c>. Keys <c>weight</c> [out, in], <c>bias</c> [out]; once factored
/// <c>0.weight</c> [t, in], <c>1.weight</c> [out, t] and <c>1.bias</c>.
/// </summary>
public sealed class Linear : Layer
{
    private readonly Tensor weight;
    private readonly Tensor? bias;
    private Linear? first;
    private Linear? second;

    /// <summary>Creates the layer with PyTorch's default initialisation.</summary>
    /// <param name="inFeatures">Size of the last dimension of the input.</param>
    /// <param name="outFeatures">Size of the last dimension of the output.</param>
    /// <param name="hasBias">Whether a bias is added.</param>
    public Linear(int inFeatures, int outFeatures, bool hasBias = true)
    {
        (InFeatures, OutFeatures) = (inFeatures, outFeatures);
        weight = Parameter("weight", Tensor.Empty([outFeatures, inFeatures]));
        bias = hasBias ? Parameter("bias", Tensor.Empty([outFeatures])) : null;
        Init.ConvolutionDefault(weight, bias);
    }

    /// <summary>Size of the last dimension of the input.</summary>
    public int InFeatures { get; }

    /// <summary>Size of the last dimension of the output.</summary>
    public int OutFeatures { get; }

    /// <summary>The matrix, [out, in]; once factored the product of the two, made anew at every read.</summary>
    public Tensor Weight => first is null ? weight : second!.Weight.Matmul(first.Weight);

    /// <summary>The bias, [out], or null.</summary>
    public Tensor? Bias => second is null ? bias : second.Bias;

    /// <summary>Whether two matrices stand in for the one.</summary>
    public bool IsFactored => first is not null;

    /// <summary>The weights that an <see cref="InferencePlan"/> put in place of the layer's own, or null.</summary>
    internal PlannedWeights? Planned { get; set; }

    /// <summary>
    /// Puts two layers in the place of the matrix, from in to t features without a bias and from there to out with the layer's own.
    /// Their weights are to be loaded or given by a <see cref="TruncatedSvd"/>.
    /// </summary>
    /// <param name="rank">Features between the two, t.</param>
    /// <exception cref="FoveaException">The rank is not 1 to the lesser of the two sizes, or the layer is factored already.</exception>
    public (Linear First, Linear Second) Factor(int rank)
    {
        if (IsFactored)
            throw new FoveaException("linear layer: found it factored already, expected a layer with one matrix");
        if (rank < 1 || rank > Math.Min(InFeatures, OutFeatures))
            throw new FoveaException($"linear layer: found rank {rank}, expected 1 to {Math.Min(InFeatures, OutFeatures)}, the lesser of {InFeatures} inputs and {OutFeatures} outputs");
        var (device, dtype) = (weight.Device, weight.Dtype);
        using var skip = Init.Skip();
        first = Child("0", new Linear(InFeatures, rank, hasBias: false));
        second = Child("1", new Linear(rank, OutFeatures, bias is not null));
        RemoveParameter("weight");
        if (bias is not null)
            RemoveParameter("bias");
        foreach (var factor in (Linear[])[first, second])
        {
            factor.To(device, dtype);
            factor.Train(IsTraining);
        }

        return (first, second);
    }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input)
    {
        if (first is not null)
            return second!.Consume(first.Forward(input));
        if (Planned is not { } planned)
            return Aten.Linear(input, weight, bias);
        // A plan that left the matrix as it is did so for its size: it is not to be copied at every call either.
        using var plain = ReferenceEquals(planned.Weight, weight) && Autocast.IsActive ? Autocast.Suspend() : null;
        return Aten.Linear(planned.Adapt(input), planned.Weight, planned.Bias);
    }
}

namespace Fovea.Torch.Nn;

/// <summary>
/// Normalisation of groups of channels of every sample by their own mean and biased variance (Wu &amp; He 2018),
/// <c>[N, C, ...]</c>. Keys <c>weight</c>, <c>bias</c>.
/// </summary>
public sealed class GroupNorm : Layer
{
    private readonly int groups;
    private readonly double eps;
    private readonly Tensor? weight;
    private readonly Tensor? bias;

    /// <summary>Creates the layer.</summary>
    /// <param name="groups">Groups that the channels are split into.</param>
    /// <param name="channels">Channels, a multiple of the groups.</param>
    /// <param name="eps">Added to the variance.</param>
    /// <param name="affine">Whether there are a scale and a shift for each channel to learn.</param>
    public GroupNorm(int groups, int channels, double eps = 1e-5, bool affine = true)
    {
        if (channels % groups != 0)
            throw new ArgumentException($"found {channels} channels, expected a multiple of {groups} groups", nameof(channels));
        this.groups = groups;
        this.eps = eps;
        if (!affine)
            return;
        weight = Parameter("weight", Tensor.Ones([channels]));
        bias = Parameter("bias", Tensor.Zeros([channels]));
    }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input)
    {
        var dtype = Widened.Applies(input) ? Dtype.Float32 : input.Dtype;
        return Aten.GroupNorm(input, groups, weight?.To(dtype), bias?.To(dtype), eps);
    }
}

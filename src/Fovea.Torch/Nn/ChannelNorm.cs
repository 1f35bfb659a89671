namespace Fovea.Torch.Nn;

/// <summary>
/// What batch and instance normalisation share: a scale and a shift for each channel (<c>weight</c>, <c>bias</c>), running
/// statistics (<c>running_mean</c>, <c>running_var</c>, <c>num_batches_tracked</c>), each optional.
/// </summary>
public abstract class ChannelNorm : Layer
{
    private readonly int lowestRank;
    private readonly int highestRank;

    private protected ChannelNorm((int Lowest, int Highest) ranks, int channels, double eps, bool affine, bool trackRunningStats)
    {
        (lowestRank, highestRank) = ranks;
        Channels = channels;
        Eps = eps;
        if (affine)
        {
            Weight = Parameter("weight", Tensor.Ones([channels]));
            Bias = Parameter("bias", Tensor.Zeros([channels]));
        }

        if (!trackRunningStats)
            return;
        RunningMean = Buffer("running_mean", Tensor.Zeros([channels]));
        RunningVariance = Buffer("running_var", Tensor.Ones([channels]));
        BatchesTracked = Buffer("num_batches_tracked", Tensor.Zeros([], Dtype.Int64));
    }

    /// <summary>Channels, C.</summary>
    public int Channels { get; }

    /// <summary>Added to the variance.</summary>
    public double Eps { get; }

    /// <summary>The scale, [C], or null.</summary>
    public Tensor? Weight { get; }

    /// <summary>The shift, [C], or null.</summary>
    public Tensor? Bias { get; }

    /// <summary>The running mean, [C], or null when it is not tracked.</summary>
    public Tensor? RunningMean { get; }

    /// <summary>The running variance, [C], or null when it is not tracked.</summary>
    public Tensor? RunningVariance { get; }

    private protected Tensor? BatchesTracked { get; }

    // Whether the statistics of the input itself are used.
    private protected bool UsesInput => IsTraining || RunningMean is null;

    private protected Shape Checked(Tensor input)
    {
        var shape = input.Shape;
        if (shape.Rank >= lowestRank && shape.Rank <= highestRank && shape[1] == Channels)
            return shape;
        var ranks = lowestRank == highestRank ? $"{lowestRank}" : $"{lowestRank} or {highestRank}";
        throw new FoveaException($"{GetType().Name}: found input {shape}, expected {ranks} dimensions, the second of {Channels} channels");
    }
}

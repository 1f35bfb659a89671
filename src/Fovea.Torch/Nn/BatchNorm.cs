namespace Fovea.Torch.Nn;

/// <summary>
/// Batch normalisation (Ioffe &amp; Szegedy 2015) over channels: in training by the batch's own mean and biased variance, which
/// move the running statistics (the variance unbiased); in evaluation by those. Keys <c>weight</c>, <c>bias</c>,
/// <c>running_mean</c>, <c>running_var</c>, <c>num_batches_tracked</c>.
/// </summary>
public abstract class BatchNorm : Layer
{
    private readonly double? momentum;
    private readonly Tensor? batchesTracked;

    private protected BatchNorm(int channels, double eps, double? momentum, bool affine, bool trackRunningStats)
    {
        Channels = channels;
        Eps = eps;
        this.momentum = momentum;
        if (affine)
        {
            Weight = Parameter("weight", Tensor.Ones([channels]));
            Bias = Parameter("bias", Tensor.Zeros([channels]));
        }

        if (!trackRunningStats)
            return;
        RunningMean = Buffer("running_mean", Tensor.Zeros([channels]));
        RunningVariance = Buffer("running_var", Tensor.Ones([channels]));
        batchesTracked = Buffer("num_batches_tracked", Tensor.Zeros([], Dtype.Int64));
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

    private protected Tensor Normalise(Tensor input, int lowestRank, int highestRank)
    {
        var shape = input.Shape;
        if (shape.Rank < lowestRank || shape.Rank > highestRank || shape[1] != Channels)
        {
            var ranks = lowestRank == highestRank ? $"{lowestRank}" : $"{lowestRank} or {highestRank}";
            throw new FoveaException($"{GetType().Name}: found input {shape}, expected {ranks} dimensions, the second of {Channels} channels");
        }

        var usesBatch = IsTraining || RunningMean is null;
        if (usesBatch && shape.Count <= Channels)
            throw new FoveaException($"{GetType().Name}: found input {shape}, one value a channel, whose variance is undefined in training; use a larger batch or call Eval()");
        var factor = momentum ?? 0;
        if (IsTraining && batchesTracked is not null)
        {
            batchesTracked.AddInPlace(1);
            factor = momentum ?? 1.0 / batchesTracked.ToDouble();
        }

        return Aten.BatchNorm(input, Weight, Bias, RunningMean, RunningVariance, usesBatch, factor, Eps, true);
    }
}

/// <summary>Batch normalisation over <c>[N, C]</c> or sequences <c>[N, C, L]</c>.</summary>
/// <param name="channels">Channels, C.</param>
/// <param name="eps">Added to the variance.</param>
/// <param name="momentum">Share of the batch in the new running statistics; null for the plain mean of all batches.</param>
/// <param name="affine">Whether there are a scale and a shift to learn.</param>
/// <param name="trackRunningStats">Whether running statistics are kept; without them evaluation uses the batch's too.</param>
public sealed class BatchNorm1d(int channels, double eps = 1e-5, double? momentum = 0.1, bool affine = true, bool trackRunningStats = true)
    : BatchNorm(channels, eps, momentum, affine, trackRunningStats)
{
    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input) => Normalise(input, 2, 3);
}

/// <summary>Batch normalisation over images <c>[N, C, H, W]</c>.</summary>
/// <param name="channels">Channels, C.</param>
/// <param name="eps">Added to the variance.</param>
/// <param name="momentum">Share of the batch in the new running statistics; null for the plain mean of all batches.</param>
/// <param name="affine">Whether there are a scale and a shift to learn.</param>
/// <param name="trackRunningStats">Whether running statistics are kept; without them evaluation uses the batch's too.</param>
public sealed class BatchNorm2d(int channels, double eps = 1e-5, double? momentum = 0.1, bool affine = true, bool trackRunningStats = true)
    : BatchNorm(channels, eps, momentum, affine, trackRunningStats)
{
    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input) => Normalise(input, 4, 4);
}

/// <summary>Batch normalisation over volumes <c>[N, C, D, H, W]</c>.</summary>
/// <param name="channels">Channels, C.</param>
/// <param name="eps">Added to the variance.</param>
/// <param name="momentum">Share of the batch in the new running statistics; null for the plain mean of all batches.</param>
/// <param name="affine">Whether there are a scale and a shift to learn.</param>
/// <param name="trackRunningStats">Whether running statistics are kept; without them evaluation uses the batch's too.</param>
public sealed class BatchNorm3d(int channels, double eps = 1e-5, double? momentum = 0.1, bool affine = true, bool trackRunningStats = true)
    : BatchNorm(channels, eps, momentum, affine, trackRunningStats)
{
    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input) => Normalise(input, 5, 5);
}

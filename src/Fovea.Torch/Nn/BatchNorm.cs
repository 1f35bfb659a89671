namespace Fovea.Torch.Nn;

/// <summary>
/// Batch normalisation (Ioffe &amp; Szegedy 2015) over channels: in training by the batch's own mean and biased variance, which
/// move the running statistics (the variance unbiased); in evaluation by those.
/// </summary>
public abstract class BatchNorm : ChannelNorm
{
    private readonly double? momentum;

    private protected BatchNorm((int Lowest, int Highest) ranks, int channels, double eps, double? momentum, bool affine, bool trackRunningStats)
        : base(ranks, channels, eps, affine, trackRunningStats) => this.momentum = momentum;

    /// <inheritdoc/>
    /// <exception cref="FoveaException">The input has another rank or number of channels.</exception>
    /// <exception cref="LoneValueException">In training, the input has one value a channel.</exception>
    protected sealed override Tensor Compute(Tensor input)
    {
        // A plan put this into the weights of the convolution before it.
        if (Plan is not null)
            return input;
        var shape = Checked(input);
        if (UsesInput && shape.Count <= Channels)
            throw new LoneValueException(this, shape);
        var factor = momentum ?? 0;
        if (IsTraining && BatchesTracked is not null)
        {
            BatchesTracked.AddInPlace(1);
            factor = momentum ?? 1.0 / BatchesTracked.ToDouble();
        }

        return Aten.BatchNorm(input, Weight, Bias, RunningMean, RunningVariance, UsesInput, factor, Eps, true);
    }
}

/// <summary>Batch normalisation over <c>[N, C]</c> or sequences <c>[N, C, L]</c>.</summary>
/// <param name="channels">Channels, C.</param>
/// <param name="eps">Added to the variance.</param>
/// <param name="momentum">Share of the batch in the new running statistics; null for the plain mean of all batches.</param>
/// <param name="affine">Whether there are a scale and a shift to learn.</param>
/// <param name="trackRunningStats">Whether running statistics are kept; without them evaluation uses the batch's too.</param>
public sealed class BatchNorm1d(int channels, double eps = 1e-5, double? momentum = 0.1, bool affine = true, bool trackRunningStats = true)
    : BatchNorm((2, 3), channels, eps, momentum, affine, trackRunningStats);

/// <summary>Batch normalisation over images <c>[N, C, H, W]</c>.</summary>
/// <param name="channels">Channels, C.</param>
/// <param name="eps">Added to the variance.</param>
/// <param name="momentum">Share of the batch in the new running statistics; null for the plain mean of all batches.</param>
/// <param name="affine">Whether there are a scale and a shift to learn.</param>
/// <param name="trackRunningStats">Whether running statistics are kept; without them evaluation uses the batch's too.</param>
public sealed class BatchNorm2d(int channels, double eps = 1e-5, double? momentum = 0.1, bool affine = true, bool trackRunningStats = true)
    : BatchNorm((4, 4), channels, eps, momentum, affine, trackRunningStats);

/// <summary>Batch normalisation over volumes <c>[N, C, D, H, W]</c>.</summary>
/// <param name="channels">Channels, C.</param>
/// <param name="eps">Added to the variance.</param>
/// <param name="momentum">Share of the batch in the new running statistics; null for the plain mean of all batches.</param>
/// <param name="affine">Whether there are a scale and a shift to learn.</param>
/// <param name="trackRunningStats">Whether running statistics are kept; without them evaluation uses the batch's too.</param>
public sealed class BatchNorm3d(int channels, double eps = 1e-5, double? momentum = 0.1, bool affine = true, bool trackRunningStats = true)
    : BatchNorm((5, 5), channels, eps, momentum, affine, trackRunningStats);

namespace Fovea.Torch.Nn;

/// <summary>
/// Instance normalisation (Ulyanov et al. 2016): every channel of every sample by its own mean and biased variance. Without
/// scale, shift and running statistics unless asked for, so without keys.
/// </summary>
public abstract class InstanceNorm : ChannelNorm
{
    private readonly double momentum;

    private protected InstanceNorm(int dimensions, int channels, double eps, double momentum, bool affine, bool trackRunningStats)
        : base((dimensions + 2, dimensions + 2), channels, eps, affine, trackRunningStats) => this.momentum = momentum;

    /// <inheritdoc/>
    /// <exception cref="FoveaException">The input has another rank or number of channels, or one value a channel.</exception>
    protected sealed override Tensor Compute(Tensor input)
    {
        var shape = Checked(input);
        if (UsesInput && shape.Count <= shape[0] * Channels)
            throw new FoveaException($"{GetType().Name}: found input {shape}, one value a channel, whose variance is undefined; expected more than one");
        return Aten.InstanceNorm(input, Weight, Bias, RunningMean, RunningVariance, UsesInput, momentum, Eps, true);
    }
}

/// <summary>Instance normalisation over sequences <c>[N, C, L]</c>.</summary>
/// <param name="channels">Channels, C.</param>
/// <param name="eps">Added to the variance.</param>
/// <param name="momentum">Share of the input in the new running statistics.</param>
/// <param name="affine">Whether there are a scale and a shift to learn.</param>
/// <param name="trackRunningStats">Whether running statistics are kept and used in evaluation.</param>
public sealed class InstanceNorm1d(int channels, double eps = 1e-5, double momentum = 0.1, bool affine = false, bool trackRunningStats = false)
    : InstanceNorm(1, channels, eps, momentum, affine, trackRunningStats);

/// <summary>Instance normalisation over images <c>[N, C, H, W]</c>.</summary>
/// <param name="channels">Channels, C.</param>
/// <param name="eps">Added to the variance.</param>
/// <param name="momentum">Share of the input in the new running statistics.</param>
/// <param name="affine">Whether there are a scale and a shift to learn.</param>
/// <param name="trackRunningStats">Whether running statistics are kept and used in evaluation.</param>
public sealed class InstanceNorm2d(int channels, double eps = 1e-5, double momentum = 0.1, bool affine = false, bool trackRunningStats = false)
    : InstanceNorm(2, channels, eps, momentum, affine, trackRunningStats);

/// <summary>Instance normalisation over volumes <c>[N, C, D, H, W]</c>.</summary>
/// <param name="channels">Channels, C.</param>
/// <param name="eps">Added to the variance.</param>
/// <param name="momentum">Share of the input in the new running statistics.</param>
/// <param name="affine">Whether there are a scale and a shift to learn.</param>
/// <param name="trackRunningStats">Whether running statistics are kept and used in evaluation.</param>
public sealed class InstanceNorm3d(int channels, double eps = 1e-5, double momentum = 0.1, bool affine = false, bool trackRunningStats = false)
    : InstanceNorm(3, channels, eps, momentum, affine, trackRunningStats);

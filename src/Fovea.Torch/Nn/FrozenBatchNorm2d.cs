namespace Fovea.Torch.Nn;

/// <summary>
/// Batch normalisation whose statistics, scale and shift are constants, in training too: what detectors fine-tune with.
/// Keys <c>weight</c>, <c>bias</c>, <c>running_mean</c>, <c>running_var</c>, all buffers.
/// </summary>
public sealed class FrozenBatchNorm2d : Layer
{
    /// <summary>Creates the layer as the identity.</summary>
    /// <param name="channels">Channels, C.</param>
    /// <param name="eps">Added to the variance; 0 for torchvision's first published detection weights.</param>
    public FrozenBatchNorm2d(int channels, double eps = 1e-5)
    {
        Eps = eps;
        Weight = Buffer("weight", Tensor.Ones([channels]));
        Bias = Buffer("bias", Tensor.Zeros([channels]));
        RunningMean = Buffer("running_mean", Tensor.Zeros([channels]));
        RunningVariance = Buffer("running_var", Tensor.Ones([channels]));
    }

    /// <summary>Added to the variance.</summary>
    public double Eps { get; set; }

    /// <summary>The scale, [C].</summary>
    public Tensor Weight { get; }

    /// <summary>The shift, [C].</summary>
    public Tensor Bias { get; }

    /// <summary>The mean that is subtracted, [C].</summary>
    public Tensor RunningMean { get; }

    /// <summary>The variance that is divided by, [C].</summary>
    public Tensor RunningVariance { get; }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input) => Plan is not null
        ? input
        : Aten.BatchNorm(input, Weight, Bias, RunningMean, RunningVariance, false, 0, Eps, true);
}

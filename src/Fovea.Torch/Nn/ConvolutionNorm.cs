namespace Fovea.Torch.Nn;

/// <summary>
/// A convolution and the norm of what it gives, which are one affine map wherever the norm's statistics are constants: then
/// the norm's scale goes into the kernels and its shift into the bias, and a pass over the map (in training another one
/// backwards, and the copy kept for it) is saved. It is no module: the two are children of whoever made it.
/// </summary>
public sealed class ConvolutionNorm
{
    private readonly Layer norm;

    internal ConvolutionNorm(Convolution convolution, Layer norm)
    {
        Convolution = convolution;
        this.norm = norm;
    }

    internal Convolution Convolution { get; }

    internal Layer Norm => norm;

    /// <summary>Applies both.</summary>
    public Tensor Forward(Tensor input)
    {
        if (norm is not FrozenBatchNorm2d || Convolution.Planned is not null || Layer.HasHooks)
            return norm.Consume(Convolution.Forward(input));
        using var scope = new TensorScope();
        var (weight, bias) = Fold();
        return scope.Keep(Convolution.Convolve(input, weight, bias));
    }

    /// <summary>Applies both to a tensor that nothing else needs and frees it.</summary>
    public Tensor Consume(Tensor input)
    {
        var output = Forward(input);
        input.Dispose();
        return output;
    }

    /// <summary>Whether a layer is a norm whose statistics are constants in evaluation.</summary>
    internal static bool CanFold(Layer norm) => norm is FrozenBatchNorm2d or BatchNorm { RunningMean: not null };

    /// <summary>The kernels and the bias that do the work of both, in the open scope; differentiable by the convolution's.</summary>
    internal (Tensor Weight, Tensor Bias) Fold()
    {
        var (mean, variance, eps, gain, offset) = norm switch
        {
            FrozenBatchNorm2d frozen => (frozen.RunningMean, frozen.RunningVariance, frozen.Eps, frozen.Weight, frozen.Bias),
            BatchNorm { RunningMean: not null } batch => (batch.RunningMean, batch.RunningVariance!, batch.Eps, batch.Weight, batch.Bias),
            _ => throw new InvalidOperationException($"{norm.GetType().Name} has no constant statistics"),
        };
        var scale = (variance + eps).Rsqrt();
        if (gain is not null)
            scale = scale * gain;
        var centred = Convolution.Bias is { } bias ? bias - mean : -mean;
        var shift = centred * scale;
        if (offset is not null)
            shift = shift + offset;
        var shape = new long[Convolution.Weight.Rank];
        Array.Fill(shape, 1);
        shape[0] = -1;
        return (Convolution.Weight * scale.View(shape), shift);
    }
}

using Fovea.Torch;

namespace Fovea.Training;

/// <summary>
/// Scales losses so that small float16 gradients do not vanish (Micikevicius et al. 2018, section 3.2): the scale halves when
/// a gradient overflows, and that step is skipped; it doubles after 2000 steps without.
/// </summary>
internal sealed class LossScaler
{
    private const double Growth = 2, Backoff = 0.5;
    private const int GrowthInterval = 2000;

    /// <summary>Factor on the loss.</summary>
    public double Scale { get; private set; } = 65536;

    /// <summary>Steps since the scale last changed.</summary>
    public int StepsSinceChange { get; private set; }

    /// <summary>Continues from a saved state.</summary>
    public void Restore(double scale, int stepsSinceChange) => (Scale, StepsSinceChange) = (scale, stepsSinceChange);

    /// <summary>Takes the scale off the gradients.</summary>
    /// <returns>Whether all are finite, so that the step may be taken.</returns>
    public bool Unscale(IReadOnlyList<Tensor> gradients)
    {
        if (gradients.Count == 0)
            return true;
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        var device = gradients[0].Device;
        var overflow = Tensor.Zeros([1], Dtype.Float32, device);
        Aten.AmpForeachNonFiniteCheckAndUnscaleInPlace(gradients, overflow, Tensor.Full([1], 1 / Scale, Dtype.Float32, device));
        var isFinite = overflow.ToDouble() == 0;
        Adapt(isFinite);
        return isFinite;
    }

    /// <summary>Moves the scale after a step.</summary>
    public void Adapt(bool gradientsWereFinite)
    {
        StepsSinceChange++;
        if (!gradientsWereFinite)
            (Scale, StepsSinceChange) = (Scale * Backoff, 0);
        else if (StepsSinceChange == GrowthInterval)
            (Scale, StepsSinceChange) = (Scale * Growth, 0);
    }
}

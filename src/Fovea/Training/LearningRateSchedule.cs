namespace Fovea.Training;

/// <summary>
/// The factor on the learning rate as a pure function of the optimizer's step: warm-up times the schedule of the recipe.
/// It has no state, so a resumed run needs to know nothing but its step. A plateau schedule multiplies in
/// <see cref="PlateauState.Factor"/> besides, which depends on the metric.
/// </summary>
public sealed class LearningRateSchedule
{
    private readonly ScheduleSection section;
    private readonly double epochs;
    private readonly int stepsPerEpoch;
    private readonly long warmupSteps;

    /// <summary>Creates the function.</summary>
    /// <param name="section">The schedule of a recipe.</param>
    /// <param name="epochs">Epochs of the whole run.</param>
    /// <param name="stepsPerEpoch">Steps the optimizer takes in an epoch, at least 1.</param>
    public LearningRateSchedule(ScheduleSection section, int epochs, int stepsPerEpoch)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(stepsPerEpoch, 1);
        this.section = section;
        this.epochs = epochs;
        this.stepsPerEpoch = stepsPerEpoch;
        warmupSteps = section.WarmupSteps > 0 ? section.WarmupSteps : (long)Math.Round(section.WarmupEpochs * stepsPerEpoch);
    }

    /// <summary>The factor for a step.</summary>
    /// <param name="step">Number of the step, counted from 0 over the whole run.</param>
    public double Factor(long step) => Warmup(step) * Shape(step);

    // Linear, as LinearLR: the first step has the starting factor, the step after the last of warm-up the whole rate.
    private double Warmup(long step) =>
        step >= warmupSteps ? 1 : section.WarmupFactor + (1 - section.WarmupFactor) * step / warmupSteps;

    private double Shape(long step)
    {
        var epoch = section.By == ScheduleUnit.Epoch ? step / stepsPerEpoch : (double)step / stepsPerEpoch;
        return section.Name switch
        {
            ScheduleKind.Step => Math.Pow(section.Gamma, Math.Floor(epoch / section.StepSize)),
            ScheduleKind.MultiStep => Math.Pow(section.Gamma, section.Milestones.Count(milestone => milestone <= epoch)),
            ScheduleKind.Cosine => section.FinalFactor + (1 - section.FinalFactor) * (1 + Math.Cos(Math.PI * Progress(epoch))) / 2,
            ScheduleKind.Polynomial => Math.Pow(1 - Progress(epoch), section.Power),
            _ => 1,
        };
    }

    /// <summary>From 0 at the end of warm-up to 1 at the end of the run.</summary>
    private double Progress(double epoch)
    {
        var start = (double)warmupSteps / stepsPerEpoch;
        // Where warm-up is longer than the run it is all there is: its rates must not be multiplied by the end of the fall.
        return epochs > start ? Math.Clamp((epoch - start) / (epochs - start), 0, 1) : epoch < start ? 0 : 1;
    }
}

/// <summary>Where a plateau schedule stands: drops the learning rate when the metric no longer improves.</summary>
/// <param name="Factor">Factor on the learning rate.</param>
/// <param name="Best">The best value of the metric so far, null before the first.</param>
/// <param name="Waited">Evaluations since then without improvement.</param>
public sealed record PlateauState(double Factor = 1, double? Best = null, int Waited = 0)
{
    /// <summary>Where the schedule stands after an evaluation; like PyTorch's <c>ReduceLROnPlateau</c> with a relative threshold.</summary>
    /// <param name="section">The schedule of a recipe.</param>
    /// <param name="metric">The metric's new value.</param>
    /// <param name="higherIsBetter">Whether the metric should rise.</param>
    public PlateauState After(ScheduleSection section, double metric, bool higherIsBetter)
    {
        var improved = Best is not { } best
            || (higherIsBetter ? metric > best * (1 + section.Threshold) : metric < best * (1 - section.Threshold));
        if (improved)
            return this with { Best = metric, Waited = 0 };
        return Waited < section.Patience
            ? this with { Waited = Waited + 1 }
            : this with { Factor = Math.Max(Factor * section.Gamma, Math.Min(Factor, section.FinalFactor)), Waited = 0 };
    }
}

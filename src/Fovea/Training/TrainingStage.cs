using Fovea.Models;
using Fovea.Torch.Nn;
using Fovea.Torch.Optim;

namespace Fovea.Training;

/// <summary>A stage at work: the optimizer of what is trained in it, begun anew, and the course of its learning rate.</summary>
internal sealed class TrainingStage : IDisposable
{
    private readonly LearningRateSchedule schedule;
    private readonly long firstStep;
    private readonly List<Module> resting;

    /// <param name="parts">What takes part in the run.</param>
    /// <param name="span">The stage.</param>
    /// <param name="stepsPerEpoch">Steps of the optimizer in an epoch.</param>
    /// <param name="average">The running average, which goes on from stage to stage, or null.</param>
    /// <param name="scaler">The loss scaling of the stage before, or null.</param>
    /// <exception cref="FoveaException">A pattern fits no parameter, or nothing is left to train.</exception>
    public TrainingStage(TrainingParts parts, StageSpan span, int stepsPerEpoch, WeightAverage? average, LossScaler? scaler)
    {
        var recipe = parts.Recipe;
        Span = span;
        span.Choose(parts.Model, recipe);
        LearningRate = recipe.Optimizer.LearningRate * span.Settings.LearningRateFactor;
        Optimizer = OptimizerFactory.Create(recipe.Optimizer with { LearningRate = LearningRate }, parts.Model);
        IsPlateau = span.Schedule(recipe).Name == ScheduleKind.Plateau;
        schedule = new LearningRateSchedule(span.Schedule(recipe), span.Epochs, stepsPerEpoch);
        firstStep = (long)span.First * stepsPerEpoch;
        var limit = recipe.FilterLimit is { } section ? new FilterLimit(section, parts.Model) : null;
        Step = new GradientStep(parts.Model, Optimizer, parts.Arithmetic, recipe.Clipping, limit, average, scaler);
        resting = [.. Norms(parts.Model)];
    }

    public StageSpan Span { get; }

    public Optimizer Optimizer { get; }

    public GradientStep Step { get; }

    /// <summary>The learning rate before warm-up and schedule.</summary>
    public double LearningRate { get; }

    /// <summary>Whether the metric moves the learning rate.</summary>
    public bool IsPlateau { get; }

    /// <summary>The factor on the learning rate for a step, counted from 0 over the whole run.</summary>
    public double Factor(long step) => schedule.Factor(step - firstStep);

    /// <summary>Puts the network into training behaviour; normalisation layers that are not trained keep their statistics as well.</summary>
    public void Wake(VisionModel model)
    {
        model.Train();
        resting.ForEach(static norm => norm.Eval());
    }

    /// <summary>"stage 2 of 3, epochs 4 to 10: 1,026 of 11,177,538 parameters are trained, learning rate 0.001".</summary>
    public string Describe(VisionModel model, int of)
    {
        var (all, trained) = (model.Parameters().Sum(static p => p.Count), model.Parameters().Where(static p => p.RequiresGrad).Sum(static p => p.Count));
        return FormattableString.Invariant(
            $"stage {Span.Number + 1} of {of}, epochs {Span.First + 1} to {Span.First + Span.Epochs}: {trained:N0} of {all:N0} parameters are trained, learning rate {LearningRate:G6}");
    }

    public void Dispose() => Optimizer.Dispose();

    private static IEnumerable<Module> Norms(VisionModel model) => model.NamedModules().Select(static m => m.Value)
        .Where(static module => module is ChannelNorm && module.Parameters().Any() && !module.Parameters().Any(static p => p.RequiresGrad));
}

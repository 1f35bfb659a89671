using Fovea.Models;
using Fovea.Torch;

namespace Fovea.Training;

/// <summary>How a call of <see cref="Trainer.Run"/> ended.</summary>
public enum TrainingOutcome
{
    /// <summary>All epochs are done.</summary>
    Finished,

    /// <summary>The figure no longer improved.</summary>
    StoppedEarly,

    /// <summary>It was asked to stop; the run can be continued.</summary>
    Interrupted,
}

/// <summary>
/// Trains a network: epochs over a loader, evaluation, checkpoints, early stopping. The same recipe and seed give the same
/// numbers, and a run that was stopped or killed continues to the same numbers as one that was not.
/// </summary>
public sealed class Trainer : IDisposable
{
    private readonly TrainingParts parts;
    private readonly Recipe recipe;
    private readonly IReadOnlyList<StageSpan> spans;
    private readonly WeightAverage? average;
    private readonly BatchMixer? mixer;
    private readonly Pace pace = new();
    private readonly int stepsPerEpoch;
    private readonly List<ITrainingListener> listeners = [];
    private TrainingStage stage;
    private TrainingState state = new();
    private IReadOnlyList<KeyValuePair<string, double>> lossWeights = [];

    /// <summary>Prepares the training of a network, moves it to the device and freezes what the recipe names.</summary>
    /// <param name="parts">What takes part.</param>
    /// <exception cref="FoveaException">A pattern of the recipe fits no parameter, or the training data is empty.</exception>
    public Trainer(TrainingParts parts)
    {
        this.parts = parts;
        recipe = parts.Recipe;
        if (parts.Training.BatchesPerEpoch == 0)
        {
            throw new FoveaException(parts.Training.Images == 0
                ? "training data: found no images, expected at least one"
                : $"training data: found {Counted.Of(parts.Training.Images, "image")}, expected a batch_size ({recipe.BatchSize}) of them or more, since drop_last leaves out what fills no batch");
        }

        stepsPerEpoch = parts.StepsPerEpoch;
        parts.Model.To(parts.Arithmetic.Device);
        if (parts.Arithmetic.ChannelsLast)
            parts.Model.ToChannelsLast();
        spans = StageSpan.Of(recipe);
        // A pattern that fits nothing should show before the first epoch, not when its stage begins.
        foreach (var span in spans)
            span.Choose(parts.Model, recipe);
        mixer = recipe.Mixing is { } mixing ? new BatchMixer(mixing, parts.Labels.Count, recipe.Seed) : null;
        average = recipe.Ema is { } ema ? new WeightAverage(parts.Model, ema) : null;
        try
        {
            stage = new TrainingStage(parts, spans[0], stepsPerEpoch, average, null);
        }
        catch
        {
            average?.Dispose();
            throw;
        }
    }

    /// <summary>Where the run stands.</summary>
    public TrainingState State => state;

    /// <summary>The figure that decides which checkpoint is the best.</summary>
    public string Metric => recipe.Metric ?? (parts.Validation is null ? "train_loss" : MetricNames.Usual(parts.Model.Task));

    /// <summary>Adds somebody who hears what happens.</summary>
    public void Listen(ITrainingListener listener) => listeners.Add(listener);

    /// <summary>Continues from a checkpoint of the same run.</summary>
    /// <exception cref="FoveaException">The checkpoint is damaged, of another network, or without what continuing needs.</exception>
    public void Resume(string checkpoint)
    {
        Enter(SpanOf(Checkpoint.StateOf(checkpoint).Epoch));
        state = Checkpoint.Restore(checkpoint, parts, stage.Optimizer, average, stage.Step.Scaler);
    }

    /// <summary>Trains until the last epoch, until the figure no longer improves, or until it is asked to stop.</summary>
    /// <param name="stop">Asks to stop after the step that is running; a checkpoint is written then.</param>
    /// <exception cref="FoveaException">A loss is not finite, a picture cannot be read, or a file cannot be written.</exception>
    public TrainingOutcome Run(CancellationToken stop = default)
    {
        using var log = new TrainingLog(parts.Folder, state);
        if (state.Step == 0)
        {
            RandomState.Seed((ulong)recipe.Seed);
            Keep();
        }

        if (spans.Count > 1)
            Say(stage.Describe(parts.Model, spans.Count));
        while (state.Epoch < recipe.Epochs && !HasStalled)
        {
            if (!TrainEpoch(log, stop) || !Evaluate(log, stop))
            {
                Save(log);
                return TrainingOutcome.Interrupted;
            }

            state = state with { Epoch = state.Epoch + 1, Batch = 0, LossSums = new Dictionary<string, double>() };
            Keep();
            Advance();
            if (state.Epoch % recipe.CheckpointEvery == 0 || state.Epoch == recipe.Epochs || HasStalled)
                Save(log);
        }

        return state.Epoch < recipe.Epochs ? TrainingOutcome.StoppedEarly : TrainingOutcome.Finished;
    }

    /// <summary>Frees the optimizer's state and the running average; the network stays.</summary>
    public void Dispose()
    {
        stage.Dispose();
        average?.Dispose();
    }

    private bool HasStalled => recipe.EarlyStopping is { } stopping && state.EvaluationsWithoutGain >= stopping.Patience;

    private double RateFactor => stage.Factor(state.Step) * (stage.IsPlateau ? state.Plateau.Factor : 1);

    private StageSpan SpanOf(int epoch) => spans.Last(span => span.First <= Math.Min(epoch, recipe.Epochs - 1));

    private void Enter(StageSpan span)
    {
        if (span == stage.Span)
            return;
        var next = new TrainingStage(parts, span, stepsPerEpoch, average, stage.Step.Scaler);
        stage.Dispose();
        stage = next;
    }

    /// <summary>Begins the next stage when its first epoch has come; before the checkpoint, which then belongs to it.</summary>
    private void Advance()
    {
        if (SpanOf(state.Epoch) is var span && span == stage.Span)
            return;
        Enter(span);
        state = state with { Plateau = new PlateauState() };
        Say(stage.Describe(parts.Model, spans.Count));
    }

    private void Say(string line) => listeners.ForEach(listener => listener.Say(line));

    /// <summary>Trains what is left of the epoch; false when asked to stop before its end.</summary>
    private bool TrainEpoch(TrainingLog log, CancellationToken stop)
    {
        var batches = parts.Training.BatchesPerEpoch;
        if (state.Batch == batches)
            return true;
        stage.Wake(parts.Model);
        lossWeights = LossFactory.SetEpoch(recipe.Loss, parts.Model, state.Epoch);
        pace.Start();
        using var source = parts.Training.Epoch(state.Epoch, state.Batch).GetEnumerator();
        while (state.Batch < batches)
        {
            if (stop.IsCancellationRequested)
                return false;
            TakeStep(source, log);
            if (recipe.CheckpointSteps is { } interval && state.Step % interval == 0 && state.Batch < batches)
                Save(log);
        }

        return true;
    }

    private void TakeStep(IEnumerator<Batch> source, TrainingLog log)
    {
        parts.Model.Progress((double)state.Step / ((long)recipe.Epochs * stepsPerEpoch));
        var count = Math.Min(recipe.Accumulation, parts.Training.BatchesPerEpoch - state.Batch);
        var images = 0;
        var sums = new Dictionary<string, double>(state.LossSums);
        for (var i = 0; i < count; i++)
        {
            if (!pace.Wait(source.MoveNext))
                throw new InvalidOperationException($"the loader ended after {Counted.Of(state.Batch + i, "batch")} of {parts.Training.BatchesPerEpoch}");
            using var batch = source.Current;
            var number = state.Batch + i;
            var terms = stage.Step.Accumulate(batch, 1.0 / count, mixer is null ? null : placed => mixer.Mix(placed, state.Epoch, number))
                ?? throw NotFinite.Describe(parts.Folder, parts.Model, stage.Step.LastTerms, batch, stage.Step.ImagesBefore, (state.Step, stage.LearningRate * RateFactor));
            foreach (var (name, value) in terms)
                sums[name] = sums.GetValueOrDefault(name) + value;
            images += batch.Count;
        }

        var factor = RateFactor;
        stage.Step.Take(factor, state.Step + 1);
        var seconds = pace.Step(images);
        state = state with { Batch = state.Batch + count, Step = state.Step + 1, LossSums = sums, Seconds = state.Seconds + seconds };
        var rate = stage.LearningRate * factor;
        log.Step(state.Epoch + (double)state.Batch / parts.Training.BatchesPerEpoch, state.Step, rate, stage.Step.Terms);
        Report(rate);
        stage.Step.Clear();
    }

    private void Report(double rate)
    {
        if (listeners.Count == 0)
            return;
        var stepInEpoch = (state.Batch + recipe.Accumulation - 1) / recipe.Accumulation;
        var report = new StepReport
        {
            Epoch = state.Epoch + 1,
            Epochs = recipe.Epochs,
            StepInEpoch = stepInEpoch,
            StepsPerEpoch = stepsPerEpoch,
            Step = state.Step,
            Terms = stage.Step.Terms,
            Loss = stage.Step.Terms.Sum(static t => t.Value),
            LearningRate = rate,
            ImagesPerSecond = pace.ImagesPerSecond,
            WaitShare = pace.WaitShare,
            Remaining = TimeSpan.FromSeconds(pace.SecondsPerStep * ((long)(recipe.Epochs - state.Epoch) * stepsPerEpoch - stepInEpoch)),
        };
        listeners.ForEach(listener => listener.Stepped(report));
    }

    /// <summary>Evaluates after an epoch where the recipe says so; false when asked to stop before the end.</summary>
    private bool Evaluate(TrainingLog log, CancellationToken stop)
    {
        var epoch = state.Epoch + 1;
        if (epoch % recipe.EvaluateEvery != 0 && epoch != recipe.Epochs)
            return true;
        var trainLosses = state.LossSums.Select(sum => KeyValuePair.Create(sum.Key, sum.Value / parts.Training.BatchesPerEpoch)).ToList();
        using var averaged = average?.Swap();
        var evaluation = parts.Validation is null
            ? TrainingLossOnly(trainLosses)
            : new Evaluator(parts.Model, parts.Arithmetic, parts.Labels, recipe.Evaluation).Evaluate(parts.Validation, (done, of) => listeners.ForEach(listener => listener.Evaluating(done, of)), stop);
        if (evaluation is null)
            return false;
        var value = Figure(evaluation, trainLosses, Metric);
        var isBest = double.IsFinite(value) && (state.Best is not { } best || IsBetter(value, best, Metric));
        if (isBest)
            state = state with { Best = value, BestEpoch = epoch };
        CountForStopping(evaluation, trainLosses);
        if (stage.IsPlateau)
            state = state with { Plateau = state.Plateau.After(stage.Span.Schedule(recipe), value, !MetricNames.LowerIsBetter(Metric)) };
        log.Evaluation(state, stage.LearningRate * RateFactor, trainLosses, lossWeights, evaluation);
        state = state with { Evaluations = state.Evaluations + 1 };
        if (parts.Folder is { } folder)
        {
            evaluation.Save(folder.Evaluation);
            if (isBest)
                Checkpoint.SaveWeights(folder.Best, parts, evaluation.Metrics, epoch);
        }

        log.Flush();
        listeners.ForEach(listener => listener.Evaluated(epoch, evaluation, isBest));
        return true;
    }

    private void CountForStopping(Evaluation evaluation, IReadOnlyList<KeyValuePair<string, double>> trainLosses)
    {
        if (recipe.EarlyStopping is not { } stopping)
            return;
        var name = stopping.Metric ?? Metric;
        var value = Figure(evaluation, trainLosses, name);
        var improved = double.IsFinite(value) && (state.StoppingBest is not { } best || IsBetter(value, best, name, stopping.MinimumChange));
        state = improved
            ? state with { StoppingBest = value, EvaluationsWithoutGain = 0 }
            : state with { EvaluationsWithoutGain = state.EvaluationsWithoutGain + 1 };
    }

    private static bool IsBetter(double value, double than, string metric, double by = 0) =>
        MetricNames.LowerIsBetter(metric) ? value < than - by : value > than + by;

    private static double Figure(Evaluation evaluation, IReadOnlyList<KeyValuePair<string, double>> trainLosses, string name)
    {
        if (name == "train_loss")
            return trainLosses.Sum(static term => term.Value);
        return evaluation.Metrics.TryGetValue(name, out var value)
            ? value
            : throw new FoveaException($"metric: found '{name}', expected one of {string.Join(", ", evaluation.Metrics.Keys)}, train_loss{NearestName.Suggest(name, evaluation.Metrics.Keys)}");
    }

    private Evaluation TrainingLossOnly(IReadOnlyList<KeyValuePair<string, double>> trainLosses) => new()
    {
        Task = parts.Model.Task,
        Data = "training",
        Images = 0,
        Metrics = new Dictionary<string, double>(),
        Notes = ["There is no validation data: the training loss decides which checkpoint is the best."],
    };

    private void Keep()
    {
        if (parts.Folder is null || recipe.KeepEvery is not { } every || state.Epoch % every != 0)
            return;
        using var averaged = average?.Swap();
        Checkpoint.SaveWeights(parts.Folder.OfEpoch(state.Epoch), parts, [], state.Epoch);
    }

    private void Save(TrainingLog log)
    {
        if (parts.Folder is null)
            return;
        log.Flush();
        state = stage.Step.Scaler is { } scaler ? state with { LossScale = scaler.Scale, LossScaleAge = scaler.StepsSinceChange } : state;
        Checkpoint.Save(parts.Folder.Last, parts, state, stage.Optimizer, average);
        pace.Start();
    }
}

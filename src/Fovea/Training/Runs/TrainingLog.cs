using System.Text.Json.Nodes;

namespace Fovea.Training;

/// <summary>What a run writes while it goes: losses of every step, figures of every evaluation. Without a folder it writes nothing.</summary>
internal sealed class TrainingLog : IDisposable
{
    private readonly JsonLines? losses, metrics;

    public TrainingLog(RunFolder? folder, TrainingState state)
    {
        if (folder is null)
            return;
        losses = new JsonLines(folder.Losses, state.Step);
        metrics = new JsonLines(folder.Metrics, state.Evaluations);
    }

    /// <param name="epoch">Epochs done, the fraction of the running one included.</param>
    /// <param name="step">Steps taken, this one included.</param>
    /// <param name="learningRate">The step's learning rate.</param>
    /// <param name="terms">The terms of the loss.</param>
    public void Step(double epoch, long step, double learningRate, IReadOnlyList<KeyValuePair<string, double>> terms)
    {
        if (losses is null)
            return;
        var line = new JsonObject { ["step"] = step, ["epoch"] = epoch, ["learning_rate"] = learningRate, ["loss"] = Number(terms.Sum(static t => t.Value)) };
        if (MetricNames.AreTelling(terms))
        {
            foreach (var (name, value) in terms)
                line[$"loss.{name}"] = Number(value);
        }

        losses.Append(line);
    }

    /// <param name="state">Where the run stands, its epoch not yet counted.</param>
    /// <param name="learningRate">The last learning rate.</param>
    /// <param name="trainLosses">Mean terms of the epoch's training loss.</param>
    /// <param name="lossWeights">Weights of the loss's parts in this epoch, where they change.</param>
    /// <param name="evaluation">What was found.</param>
    public void Evaluation(
        TrainingState state, double learningRate, IReadOnlyList<KeyValuePair<string, double>> trainLosses, IReadOnlyList<KeyValuePair<string, double>> lossWeights,
        Evaluation evaluation)
    {
        if (metrics is null)
            return;
        var line = new JsonObject
        {
            ["epoch"] = state.Epoch + 1,
            ["step"] = state.Step,
            ["seconds"] = Math.Round(state.Seconds, 3),
            ["learning_rate"] = learningRate,
            ["train_loss"] = Number(trainLosses.Sum(static t => t.Value)),
        };
        if (MetricNames.AreTelling(trainLosses))
        {
            foreach (var (name, value) in trainLosses)
                line[$"train_loss.{name}"] = Number(value);
        }

        foreach (var (name, value) in lossWeights)
            line[$"loss_weight.{name}"] = Number(value);
        foreach (var (name, value) in evaluation.Metrics)
            line[name] = Number(value);
        metrics.Append(line);
    }

    public void Flush()
    {
        losses?.Flush();
        metrics?.Flush();
    }

    public void Dispose()
    {
        losses?.Dispose();
        metrics?.Dispose();
    }

    // JSON has no NaN.
    private static JsonValue? Number(double value) => double.IsFinite(value) ? JsonValue.Create(value) : null;
}

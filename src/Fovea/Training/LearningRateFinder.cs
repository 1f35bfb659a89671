using Fovea.Torch;

namespace Fovea.Training;

/// <summary>What a sweep over learning rates found.</summary>
/// <param name="Points">The rates in rising order with the smoothed training loss after a step with each.</param>
/// <param name="Suggestion">The rate where the loss falls steepest, or null when it never fell.</param>
public sealed record LearningRateSweep(IReadOnlyList<(double Rate, double Loss)> Points, double? Suggestion);

/// <summary>
/// Finds a learning rate by trying them all (Smith, "Cyclical learning rates for training neural networks", 2017, section 3.3): steps
/// with a rate that grows from each to the next by the same factor, until the loss runs away. Where it falls steepest the rate
/// is good. The network is left as it was.
/// </summary>
public static class LearningRateFinder
{
    private const double Lowest = 1e-7, Highest = 10, Smoothing = 0.8, RunAway = 4;

    /// <summary>Tries rates with the network, the data and the optimizer of a recipe; nothing is written.</summary>
    /// <param name="recipe">The recipe; of its stages the first.</param>
    /// <param name="device">Where to compute.</param>
    /// <param name="steps">Rates tried, at least 10.</param>
    /// <exception cref="FoveaException">Something of the recipe cannot be had, or a picture cannot be read.</exception>
    public static LearningRateSweep Run(Recipe recipe, Device device, int steps = 100)
    {
        DataParts? data = null;
        var parts = TrainingSession.Prepare(recipe, null, device, ref data, out _);
        using var model = parts.Model;
        return Run(parts, steps);
    }

    /// <summary>Tries rates with what takes part in a training.</summary>
    /// <param name="parts">The network, which is left as it was, and the data.</param>
    /// <param name="steps">Rates tried, at least 10.</param>
    /// <exception cref="FoveaException">A picture cannot be read, or nothing is to be trained.</exception>
    public static LearningRateSweep Run(TrainingParts parts, int steps = 100)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 10);
        var (recipe, model) = (parts.Recipe, parts.Model);
        model.To(parts.Arithmetic.Device);
        if (parts.Arithmetic.ChannelsLast)
            model.ToChannelsLast();
        var before = model.StateDict().Select(static entry => (Live: entry.Value, Copy: Copy(entry.Value))).ToList();
        using var random = RandomState.Get(parts.Arithmetic.Device);
        var wasTraining = model.IsTraining;
        var trained = model.NamedParameters().ToDictionary(static p => p.Key, static p => p.Value.RequiresGrad);
        try
        {
            // A rate of 1, so that the factor on it is the rate.
            var neutral = parts with { Recipe = recipe with { Optimizer = recipe.Optimizer with { LearningRate = 1 }, Schedule = new ScheduleSection() } };
            var span = StageSpan.Of(recipe)[0];
            using var stage = new TrainingStage(neutral, span with { Settings = span.Settings with { LearningRateFactor = 1, Schedule = null } }, 1, null, null);
            RandomState.Seed((ulong)recipe.Seed);
            stage.Wake(model);
            var points = Sweep(stage.Step, parts, steps);
            return new LearningRateSweep(points, Steepest(points));
        }
        finally
        {
            using var noGrad = Autograd.NoGrad();
            foreach (var (live, copy) in before)
            {
                live.CopyInPlace(copy);
                copy.Dispose();
            }

            foreach (var (name, parameter) in model.NamedParameters())
                parameter.RequiresGrad = trained[name];
            model.Train(wasTraining);
            RandomState.Set(random, parts.Arithmetic.Device);
        }
    }

    private static List<(double Rate, double Loss)> Sweep(GradientStep step, TrainingParts parts, int steps)
    {
        var mixer = parts.Recipe.Mixing is { } mixing ? new BatchMixer(mixing, parts.Labels.Count, parts.Recipe.Seed) : null;
        var points = new List<(double Rate, double Loss)>();
        var (mean, best) = (0.0, double.PositiveInfinity);
        for (var epoch = 0; points.Count < steps; epoch++)
        {
            foreach (var (number, batch) in parts.Training.Epoch(epoch).Index())
            {
                using var owned = batch;
                var rate = Lowest * Math.Pow(Highest / Lowest, points.Count / (steps - 1.0));
                if (step.Accumulate(batch, 1, mixer is null ? null : placed => mixer.Mix(placed, epoch, number)) is not { } terms)
                    return points;
                step.Take(rate, points.Count + 1);
                step.Clear();
                // The mean starts at nothing, which is divided out.
                mean = Smoothing * mean + (1 - Smoothing) * terms.Sum(static term => term.Value);
                var loss = mean / (1 - Math.Pow(Smoothing, points.Count + 1));
                points.Add((rate, loss));
                best = Math.Min(best, loss);
                if (points.Count == steps || loss > RunAway * best)
                    return points;
            }
        }

        return points;
    }

    private static Tensor Copy(Tensor tensor)
    {
        using var scope = new TensorScope();
        return tensor.Detach().Clone().Escape();
    }

    // The first tenth only shows how the batches differ. The smoothed loss falls later than the loss, by the mean age of what it holds.
    private static double? Steepest(List<(double Rate, double Loss)> points)
    {
        var lag = (int)Math.Round(Smoothing / (1 - Smoothing));
        double? rate = null;
        var steepest = 0.0;
        for (var i = Math.Max(1, points.Count / 10); i < points.Count - 1; i++)
        {
            var slope = points[i + 1].Loss - points[i - 1].Loss;
            if (slope < steepest)
                (steepest, rate) = (slope, points[Math.Max(0, i - lag)].Rate);
        }

        return rate;
    }
}

using Fovea.Data;
using Fovea.Torch;

namespace Fovea.Training;

/// <summary>What a fold of a cross-validation reached.</summary>
/// <param name="Name">Its name, which is its folder's too: "fold1".</param>
/// <param name="Images">Images it was measured on.</param>
/// <param name="Epoch">Its best epoch, from 1.</param>
/// <param name="Figures">The figures of that epoch.</param>
public sealed record FoldFigures(string Name, int Images, int Epoch, IReadOnlyDictionary<string, double> Figures);

/// <summary>Mean and standard deviation of a figure over folds.</summary>
/// <param name="Mean">The mean.</param>
/// <param name="Deviation">The standard deviation of a sample (n - 1); 0 of one fold.</param>
public readonly record struct Spread(double Mean, double Deviation)
{
    /// <summary>Of some values, at least one.</summary>
    public static Spread Of(IReadOnlyList<double> values)
    {
        var mean = values.Average();
        return new Spread(mean, Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / Math.Max(1, values.Count - 1)));
    }
}

/// <summary>The outcome of a cross-validation over all its folds.</summary>
public sealed record CrossValidation
{
    /// <summary>Name of the runs, usually the recipe's.</summary>
    public required string Name { get; init; }

    /// <summary>The network.</summary>
    public required string Model { get; init; }

    /// <summary>The figure that decided which epoch of a fold is the best.</summary>
    public required string Metric { get; init; }

    /// <summary>The folds in order.</summary>
    public required IReadOnlyList<FoldFigures> Folds { get; init; }

    /// <summary>The figures over the predictions of all folds together, each image predicted by the network that was not trained with it.</summary>
    public required Evaluation Pooled { get; init; }

    /// <summary>Mean and deviation of the figures that all folds have.</summary>
    public IReadOnlyDictionary<string, Spread> Spreads
    {
        get
        {
            var names = Folds[0].Figures.Keys.Where(name => Folds.All(fold => fold.Figures.ContainsKey(name)));
            return new OrderedDictionary<string, Spread>(names.Select(name => KeyValuePair.Create(name, Spread.Of([.. Folds.Select(fold => fold.Figures[name])]))), StringComparer.Ordinal);
        }
    }

    /// <summary>Measures the best network of every fold on the images that it was not trained with, all together.</summary>
    /// <param name="folds">The weights of every fold with those images.</param>
    /// <param name="recipe">How they were trained.</param>
    /// <param name="device">Where to compute.</param>
    /// <exception cref="FoveaException">Weights or images cannot be read.</exception>
    public static Evaluation Pool(IReadOnlyList<(string Weights, IDataset Held)> folds, Recipe recipe, Device device)
    {
        TaskJudge? judge = null;
        var (images, seconds) = (0, 0.0);
        foreach (var (weights, held) in folds)
        {
            using var predictor = Predictor.Load(weights, device, recipe.Precision);
            judge ??= TaskJudge.For(predictor.Card.Task, predictor.Labels, recipe.Evaluation);
            var evaluation = ModelEvaluation.Run(predictor, held, recipe.BatchSize, recipe.Data.SkipBroken, recipe.Evaluation, judge);
            images += evaluation.Images;
            seconds += evaluation.Seconds;
        }

        return judge!.Conclude() with { Data = FormattableString.Invariant($"all {Counted.Of(folds.Count, "fold")}"), Images = images, Seconds = seconds };
    }
}

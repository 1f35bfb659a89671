using System.Runtime.InteropServices;

namespace Fovea.Metrics;

/// <summary>
/// Evaluates the scores of a classification by their order, every class against all others: ROC, AUC, precision over recall,
/// average precision, best F1. It keeps all scores.
/// </summary>
/// <param name="labels">The classes.</param>
public sealed class RankingEvaluator(LabelSpace labels)
{
    private readonly List<float> scores = [];
    private readonly List<int> truths = [];

    /// <summary>Adds an image.</summary>
    /// <param name="truth">Its true class.</param>
    /// <param name="added">A probability for every class.</param>
    /// <exception cref="FoveaException">The class is not in the label space, or the scores are of another number or no numbers.</exception>
    public void Add(int truth, ReadOnlySpan<float> added)
    {
        if (truth < 0 || truth >= labels.Count || added.Length != labels.Count)
            throw new FoveaException($"evaluation: found class {truth} with {added.Length} scores, expected a class from 0 to {labels.Count - 1} and {labels.Count} scores");
        foreach (var score in added)
        {
            if (float.IsNaN(score))
                throw new FoveaException("evaluation: found a score that is not a number; the network has diverged");
        }

        scores.AddRange(added);
        truths.Add(truth);
    }

    /// <summary>The figures over all images added.</summary>
    /// <exception cref="FoveaException">There are none.</exception>
    public RankingResult Compute()
    {
        if (truths.Count == 0)
            throw new FoveaException("evaluation: found no images with a class, expected at least one");
        var perClass = new ScoreCurves[labels.Count];
        Parallel.For(0, labels.Count, label => perClass[label] = Against(label));
        return new RankingResult(labels, perClass, Pooled());
    }

    private ScoreCurves Against(int label)
    {
        var (column, truth) = (new float[truths.Count], new bool[truths.Count]);
        for (var i = 0; i < column.Length; i++)
            (column[i], truth[i]) = (scores[i * labels.Count + label], truths[i] == label);
        return ScoreCurves.Of(column, truth);
    }

    private ScoreCurves Pooled()
    {
        var truth = new bool[scores.Count];
        for (var i = 0; i < truths.Count; i++)
            truth[i * labels.Count + truths[i]] = true;
        return ScoreCurves.Of(CollectionsMarshal.AsSpan(scores), truth);
    }
}

/// <summary>The figures of a classification's scores.</summary>
public sealed class RankingResult
{
    internal RankingResult(LabelSpace labels, IReadOnlyList<ScoreCurves> perClass, ScoreCurves micro)
    {
        (PerClass, Micro) = (perClass, micro);
        MacroAuc = Mean(static curves => curves.Auc, static _ => 1);
        MacroAveragePrecision = Mean(static curves => curves.AveragePrecision, static _ => 1);
        WeightedAuc = Mean(static curves => curves.Auc, static curves => curves.Positives);
        WeightedAveragePrecision = Mean(static curves => curves.AveragePrecision, static curves => curves.Positives);
        Notes = [.. perClass.Select((curves, i) => (curves, name: labels[i])).Where(static pair => double.IsNaN(pair.curves.Auc)).Select(static pair =>
            $"'{pair.name}' {(pair.curves.Positives == 0 ? "does not occur" : "occurs in every image")}: it has no AUC and is left out of the mean")];
    }

    /// <summary>Every class against all others.</summary>
    public IReadOnlyList<ScoreCurves> PerClass { get; }

    /// <summary>All pairs of image and class as one question.</summary>
    public ScoreCurves Micro { get; }

    /// <summary>Mean AUC over the classes that have one; NaN when none has.</summary>
    public double MacroAuc { get; }

    /// <summary>Mean average precision over the classes that occur.</summary>
    public double MacroAveragePrecision { get; }

    /// <summary>Mean AUC, every class counting by its images.</summary>
    public double WeightedAuc { get; }

    /// <summary>Mean average precision, every class counting by its images.</summary>
    public double WeightedAveragePrecision { get; }

    /// <summary>What the figures do not say.</summary>
    public IReadOnlyList<string> Notes { get; }

    private double Mean(Func<ScoreCurves, double> value, Func<ScoreCurves, double> weight)
    {
        var known = PerClass.Where(curves => !double.IsNaN(value(curves))).ToList();
        return known.Sum(curves => weight(curves) * value(curves)) / known.Sum(weight);
    }
}

namespace Fovea.Metrics;

/// <summary>The figures of a classification.</summary>
public sealed class ClassificationResult
{
    internal ClassificationResult(LabelSpace labels, ConfusionMatrix confusion, IReadOnlyList<(int K, double Share)> best)
    {
        Confusion = confusion;
        PerClass = [.. Enumerable.Range(0, labels.Count).Select(i => new ClassScore(labels[i], confusion.Of(i), confusion.Support(i)))];
        Top1 = Enumerable.Range(0, labels.Count).Sum(i => (double)confusion[i, i]) / confusion.Total;
        Best = best.ToDictionary(static pair => pair.K, static pair => pair.Share);
        Macro = ClassAverage.Of(PerClass, static _ => 1);
        Weighted = ClassAverage.Of(PerClass, static score => score.Support);

        // With one class per image every mistake is one false positive and one false negative: precision, recall and F1 are the accuracy.
        Micro = new ClassAverage(Top1, Top1, Top1) { Specificity = labels.Count == 1 ? 0 : 1 - (1 - Top1) / (labels.Count - 1) };
        Values = Named(PerClass, best);
        Notes = [.. PerClass.Where(static score => score.Remark.Length > 0).Select(static score => $"'{score.Name}' {score.Remark}; what is 0/0 counts as 0")];
    }

    /// <summary>
    /// Figures by name: top1 and every other k asked for, the plain means over classes precision, recall, f1, specificity, and
    /// precision_weighted and f1_weighted, where a class counts by its images (recall so weighted is top1).
    /// </summary>
    public IReadOnlyDictionary<string, double> Values { get; }

    /// <summary>What the figures do not say.</summary>
    public IReadOnlyList<string> Notes { get; }

    /// <summary>Who was taken for whom.</summary>
    public ConfusionMatrix Confusion { get; }

    /// <summary>The figures of every class.</summary>
    public IReadOnlyList<ClassScore> PerClass { get; }

    /// <summary>Share of images whose true class scores best: the accuracy.</summary>
    public double Top1 { get; }

    /// <summary>For every k asked for the share of images whose true class is among the best k.</summary>
    public IReadOnlyDictionary<int, double> Best { get; }

    /// <summary>Means over classes, every class counting the same.</summary>
    public ClassAverage Macro { get; }

    /// <summary>Over all images at once.</summary>
    public ClassAverage Micro { get; }

    /// <summary>Means over classes, every class counting by its images.</summary>
    public ClassAverage Weighted { get; }

    internal static OrderedDictionary<string, double> Named(IReadOnlyList<ClassScore> perClass, IEnumerable<(int K, double Share)> best)
    {
        var (macro, weighted) = (ClassAverage.Of(perClass, static _ => 1), ClassAverage.Of(perClass, static score => score.Support));
        return new OrderedDictionary<string, double>(best.Select(static pair => KeyValuePair.Create($"top{pair.K}", pair.Share)))
        {
            ["precision"] = macro.Precision,
            ["recall"] = macro.Recall,
            ["f1"] = macro.F1,
            ["specificity"] = macro.Specificity,
            ["precision_weighted"] = weighted.Precision,
            ["f1_weighted"] = weighted.F1,
        };
    }
}

/// <summary>The figures of one class against all others. What is 0/0 is 0, and <see cref="Remark"/> says so.</summary>
/// <param name="Name">The class.</param>
/// <param name="Counts">True and false positives and negatives.</param>
/// <param name="Support">Images that are truly of this class.</param>
public sealed record ClassScore(string Name, BinaryOverlap Counts, long Support)
{
    /// <summary>Share of the images called so that are so.</summary>
    public double Precision => OrZero(Counts.Precision);

    /// <summary>Share of the images that are so that were called so.</summary>
    public double Recall => OrZero(Counts.Sensitivity);

    /// <summary>Harmonic mean of precision and recall.</summary>
    public double F1 => OrZero(Counts.Dice);

    /// <summary>Share of the other images that were not called so.</summary>
    public double Specificity => OrZero(Counts.Specificity);

    /// <summary>"does not occur", "was never predicted", both, or empty.</summary>
    public string Remark => (Support == 0, Counts.TruePositives + Counts.FalsePositives == 0) switch
    {
        (true, true) => "does not occur and was never predicted",
        (true, false) => "does not occur",
        (false, true) => "was never predicted",
        _ => "",
    };

    private static double OrZero(double value) => double.IsNaN(value) ? 0 : value;
}

/// <summary>The figures averaged over classes.</summary>
/// <param name="Precision">Mean precision.</param>
/// <param name="Recall">Mean recall.</param>
/// <param name="F1">Mean of the classes' F1 (not the F1 of the means).</param>
public sealed record ClassAverage(double Precision, double Recall, double F1)
{
    /// <summary>Mean specificity.</summary>
    public double Specificity { get; init; } = double.NaN;

    internal static ClassAverage Of(IReadOnlyList<ClassScore> scores, Func<ClassScore, double> weight)
    {
        var total = scores.Sum(weight);
        double Mean(Func<ClassScore, double> value) => scores.Sum(score => weight(score) * value(score)) / total;
        return new ClassAverage(Mean(static score => score.Precision), Mean(static score => score.Recall), Mean(static score => score.F1))
        {
            Specificity = Mean(static score => score.Specificity),
        };
    }
}

namespace Fovea.Metrics;

/// <summary>
/// The figures of a semantic segmentation (Long et al. 2015, section 5): n_ij pixels of class i were called j, t_i = Σ_j n_ij.
/// </summary>
public sealed class SegmentationResult
{
    internal SegmentationResult(LabelSpace labels, ConfusionMatrix confusion)
    {
        Confusion = confusion;
        PerClass = [.. Enumerable.Range(0, labels.Count).Select(i => new SegmentScore(labels[i], confusion.Of(i)))];
        MeanIoUOfPresent = PerClass.Where(static score => score.Support > 0).Average(static score => score.IoU);
        Values = Named(PerClass);
        Notes =
        [
            .. Remark(static score => double.IsNaN(score.IoU), "occurs neither in truth nor in prediction and is left out of the means", "occur neither in truth nor in prediction and are left out of the means"),
            .. Remark(static score => score.Support == 0 && !double.IsNaN(score.IoU), "does not occur but was predicted: its IoU of 0 counts in mean_iu", "do not occur but were predicted: their IoU of 0 counts in mean_iu"),
        ];
    }

    /// <summary>Figures by name: mean_iu, pixel_accuracy, class_accuracy, fw_iu, dice.</summary>
    public IReadOnlyDictionary<string, double> Values { get; }

    /// <summary>What the figures do not say.</summary>
    public IReadOnlyList<string> Notes { get; }

    /// <summary>Pixels of class i called j.</summary>
    public ConfusionMatrix Confusion { get; }

    /// <summary>The figures of every class.</summary>
    public IReadOnlyList<SegmentScore> PerClass { get; }

    /// <summary>Σ n_ii / Σ t_i.</summary>
    public double PixelAccuracy => Values["pixel_accuracy"];

    /// <summary>Mean of n_ii / t_i over the classes that occur.</summary>
    public double ClassAccuracy => Values["class_accuracy"];

    /// <summary>Mean IoU over the classes that occur in truth or prediction.</summary>
    public double MeanIoU => Values["mean_iu"];

    /// <summary>Mean IoU over the classes that occur in truth only.</summary>
    public double MeanIoUOfPresent { get; }

    /// <summary>Σ t_i IoU_i / Σ t_i.</summary>
    public double FrequencyWeightedIoU => Values["fw_iu"];

    /// <summary>Mean Dice coefficient over the classes that occur in truth or prediction.</summary>
    public double MeanDice => Values["dice"];

    // One line however many classes it is said of.
    private IEnumerable<string> Remark(Func<SegmentScore, bool> isMeant, string ofOne, string ofMore)
    {
        const int most = 8;
        var names = PerClass.Where(isMeant).Select(static score => $"'{score.Name}'").ToList();
        if (names.Count == 1)
            yield return $"{names[0]} {ofOne}";
        else if (names.Count > 1)
            yield return $"{string.Join(", ", names.Take(most))}{(names.Count > most ? $" and {names.Count - most} more" : "")} {ofMore}";
    }

    internal static OrderedDictionary<string, double> Named(IReadOnlyList<SegmentScore> perClass)
    {
        var total = (double)perClass.Sum(static score => score.Support);
        double Mean(Func<SegmentScore, double> figure) => perClass.Select(figure).Where(static value => !double.IsNaN(value)).DefaultIfEmpty(double.NaN).Average();
        return new OrderedDictionary<string, double>(StringComparer.Ordinal)
        {
            ["mean_iu"] = Mean(static score => score.IoU),
            ["pixel_accuracy"] = perClass.Sum(static score => (double)score.Counts.TruePositives) / total,
            ["class_accuracy"] = Mean(static score => score.Accuracy),
            ["fw_iu"] = perClass.Where(static score => score.Support > 0).Sum(score => score.Support / total * score.IoU),
            ["dice"] = Mean(static score => score.Dice),
        };
    }
}

/// <summary>The figures of one class; NaN where the class gives none.</summary>
/// <param name="Name">The class.</param>
/// <param name="Counts">True and false positives and negatives, pixels.</param>
public sealed record SegmentScore(string Name, BinaryOverlap Counts)
{
    /// <summary>Pixels that are truly of this class.</summary>
    public long Support => Counts.TruePositives + Counts.FalseNegatives;

    /// <summary>n_ii / (t_i + Σ_j n_ji - n_ii); NaN for a class absent from truth and prediction.</summary>
    public double IoU => Counts.IoU;

    /// <summary>The Dice coefficient; NaN for a class absent from truth and prediction.</summary>
    public double Dice => Counts.Dice;

    /// <summary>n_ii / t_i, also called sensitivity; NaN for a class that does not occur.</summary>
    public double Accuracy => Counts.Sensitivity;

    /// <summary>n_ii / Σ_j n_ji; NaN for a class that was never predicted.</summary>
    public double Precision => Counts.Precision;

    /// <summary>Share of the pixels of other classes that were not called so; NaN when there are none.</summary>
    public double Specificity => Counts.Specificity;
}

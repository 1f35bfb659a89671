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
        var present = PerClass.Where(static score => score.Support > 0).ToList();
        PixelAccuracy = PerClass.Sum(static score => (double)score.Counts.TruePositives) / confusion.Total;
        ClassAccuracy = present.Average(static score => score.Accuracy);
        MeanIoU = PerClass.Where(static score => !double.IsNaN(score.IoU)).Average(static score => score.IoU);
        MeanIoUOfPresent = present.Average(static score => score.IoU);
        FrequencyWeightedIoU = present.Sum(score => (double)score.Support / confusion.Total * score.IoU);
        MeanDice = PerClass.Where(static score => !double.IsNaN(score.Dice)).Average(static score => score.Dice);
        Values = new Dictionary<string, double>
        {
            ["mean_iu"] = MeanIoU,
            ["pixel_accuracy"] = PixelAccuracy,
            ["class_accuracy"] = ClassAccuracy,
            ["fw_iu"] = FrequencyWeightedIoU,
            ["dice"] = MeanDice,
        };
        Notes =
        [
            .. PerClass.Where(static score => double.IsNaN(score.IoU)).Select(static score => $"'{score.Name}' occurs neither in truth nor in prediction and is left out of the means"),
            .. PerClass.Where(static score => score.Support == 0 && !double.IsNaN(score.IoU)).Select(static score => $"'{score.Name}' does not occur but was predicted: its IoU of 0 counts in mean_iu"),
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
    public double PixelAccuracy { get; }

    /// <summary>Mean of n_ii / t_i over the classes that occur.</summary>
    public double ClassAccuracy { get; }

    /// <summary>Mean IoU over the classes that occur in truth or prediction.</summary>
    public double MeanIoU { get; }

    /// <summary>Mean IoU over the classes that occur in truth only.</summary>
    public double MeanIoUOfPresent { get; }

    /// <summary>Σ t_i IoU_i / Σ t_i.</summary>
    public double FrequencyWeightedIoU { get; }

    /// <summary>Mean Dice coefficient over the classes that occur in truth or prediction.</summary>
    public double MeanDice { get; }
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

    /// <summary>n_ii / t_i; NaN for a class that does not occur.</summary>
    public double Accuracy => Counts.Sensitivity;
}

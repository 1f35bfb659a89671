namespace Fovea.Metrics;

/// <summary>
/// How well a yes-or-no answer fits the truth, from the four counts. A ratio whose divisor is 0 is NaN: what stands for it is
/// the affair of whoever asks, and must be said beside the number.
/// </summary>
/// <param name="TruePositives">Yes, rightly.</param>
/// <param name="FalsePositives">Yes, wrongly.</param>
/// <param name="FalseNegatives">No, wrongly.</param>
/// <param name="TrueNegatives">No, rightly.</param>
public readonly record struct BinaryOverlap(long TruePositives, long FalsePositives, long FalseNegatives, long TrueNegatives)
{
    /// <summary>2 TP / (2 TP + FP + FN), the Dice coefficient, also called F1; NaN when both sides are empty.</summary>
    public double Dice => Ratio(2 * TruePositives, 2 * TruePositives + FalsePositives + FalseNegatives);

    /// <summary>TP / (TP + FP + FN), the Jaccard index; NaN when both sides are empty.</summary>
    public double IoU => Ratio(TruePositives, TruePositives + FalsePositives + FalseNegatives);

    /// <summary>TP / (TP + FP); NaN when nothing was answered yes.</summary>
    public double Precision => Ratio(TruePositives, TruePositives + FalsePositives);

    /// <summary>TP / (TP + FN), also called recall; NaN when there is nothing to find.</summary>
    public double Sensitivity => Ratio(TruePositives, TruePositives + FalseNegatives);

    /// <summary>TN / (TN + FP); NaN when there is nothing to leave out.</summary>
    public double Specificity => Ratio(TrueNegatives, TrueNegatives + FalsePositives);

    /// <summary>(TP + TN) / everything.</summary>
    public double Accuracy => Ratio(TruePositives + TrueNegatives, TruePositives + FalsePositives + FalseNegatives + TrueNegatives);

    /// <summary>Counts over the pixels of two masks.</summary>
    /// <param name="truth">0 for outside, anything else for inside.</param>
    /// <param name="prediction">The same, of the same length.</param>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static BinaryOverlap Of(ReadOnlySpan<byte> truth, ReadOnlySpan<byte> prediction)
    {
        if (truth.Length != prediction.Length)
            throw new ArgumentException($"found a mask of {prediction.Length} pixels, expected {truth.Length}", nameof(prediction));
        Span<long> counts = stackalloc long[4];
        for (var i = 0; i < truth.Length; i++)
            counts[(truth[i] != 0 ? 2 : 0) + (prediction[i] != 0 ? 1 : 0)]++;
        return new BinaryOverlap(counts[3], counts[1], counts[2], counts[0]);
    }

    /// <summary>The sum of the counts of both.</summary>
    public static BinaryOverlap operator +(BinaryOverlap a, BinaryOverlap b) => Add(a, b);

    /// <summary>The sum of the counts of both.</summary>
    public static BinaryOverlap Add(BinaryOverlap a, BinaryOverlap b) => new(
        a.TruePositives + b.TruePositives, a.FalsePositives + b.FalsePositives, a.FalseNegatives + b.FalseNegatives, a.TrueNegatives + b.TrueNegatives);

    private static double Ratio(long above, long below) => below == 0 ? double.NaN : (double)above / below;
}

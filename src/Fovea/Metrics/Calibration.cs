namespace Fovea.Metrics;

/// <summary>
/// Whether a network is right as often as it says (Guo et al., "On Calibration of Modern Neural Networks", 2017): images are
/// put into bins of equal width by the probability of the class that scores best, and in each the mean of that probability is
/// compared with the share that is right.
/// </summary>
public sealed class Calibration
{
    private readonly long[] counts, right;
    private readonly double[] confidence;

    /// <summary>Creates empty bins.</summary>
    /// <param name="bins">Number of bins, at least 1; 15 as in the paper. Bin m holds probabilities above (m − 1)/M up to m/M.</param>
    public Calibration(int bins = 15)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bins, 1);
        (counts, right, confidence) = (new long[bins], new long[bins], new double[bins]);
    }

    /// <summary>The bins, least probability first.</summary>
    public IReadOnlyList<CalibrationBin> Bins => [.. counts.Select((count, i) =>
        new CalibrationBin((double)i / counts.Length, (i + 1.0) / counts.Length, count, count == 0 ? null : confidence[i] / count, count == 0 ? null : (double)right[i] / count))];

    /// <summary>Expected calibration error: the mean gap of the bins, each counting by its images; NaN without images.</summary>
    public double ExpectedError => Gaps().Sum(gap => gap.Size * gap.Count) / counts.Sum();

    /// <summary>Maximum calibration error: the greatest gap of a bin that holds an image; NaN without images.</summary>
    public double MaximumError => Gaps().Select(static gap => gap.Size).DefaultIfEmpty(double.NaN).Max();

    /// <summary>Adds an image.</summary>
    /// <param name="probability">The probability of what was answered, 0 to 1.</param>
    /// <param name="isRight">Whether that was right.</param>
    /// <exception cref="FoveaException">The probability is not one.</exception>
    public void Add(double probability, bool isRight)
    {
        // Sums of float32 exponentials may end a little above 1.
        if (!(probability >= 0 && probability <= 1 + 1e-4))
            throw new FoveaException($"calibration: found the probability {probability}, expected 0 to 1");
        var bin = Math.Clamp((int)Math.Ceiling(probability * counts.Length) - 1, 0, counts.Length - 1);
        counts[bin]++;
        confidence[bin] += probability;
        right[bin] += isRight ? 1 : 0;
    }

    private IEnumerable<(double Size, long Count)> Gaps() =>
        Enumerable.Range(0, counts.Length).Where(i => counts[i] > 0).Select(i => (Math.Abs(right[i] - confidence[i]) / counts[i], counts[i]));
}

/// <summary>A bin of a reliability diagram.</summary>
/// <param name="Low">Its least probability, exclusive.</param>
/// <param name="High">Its greatest probability, inclusive.</param>
/// <param name="Count">Images in it.</param>
/// <param name="Confidence">Mean probability of what was answered; null without images.</param>
/// <param name="Accuracy">Share that is right; null without images.</param>
public sealed record CalibrationBin(double Low, double High, long Count, double? Confidence, double? Accuracy);

namespace Fovea.Metrics;

/// <summary>How often what is truly class i (row) was called class j (column).</summary>
public sealed class ConfusionMatrix
{
    private readonly long[] counts;

    /// <summary>Creates a matrix of zeros.</summary>
    /// <param name="classes">Number of classes, at least 1.</param>
    public ConfusionMatrix(int classes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 1);
        Classes = classes;
        counts = new long[classes * classes];
    }

    /// <summary>Number of classes.</summary>
    public int Classes { get; }

    /// <summary>Everything counted.</summary>
    public long Total { get; private set; }

    /// <summary>How often class <paramref name="truth"/> was called <paramref name="predicted"/>.</summary>
    public long this[int truth, int predicted] => counts[truth * Classes + predicted];

    /// <summary>Counts something of class <paramref name="truth"/> that was called <paramref name="predicted"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A class is not one of the matrix.</exception>
    public void Add(int truth, int predicted, long count = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(truth);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(truth, Classes);
        ArgumentOutOfRangeException.ThrowIfNegative(predicted);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(predicted, Classes);
        counts[truth * Classes + predicted] += count;
        Total += count;
    }

    /// <summary>How much there is of a class in truth.</summary>
    public long Support(int truth)
    {
        long sum = 0;
        for (var predicted = 0; predicted < Classes; predicted++)
            sum += this[truth, predicted];
        return sum;
    }

    /// <summary>How often a class was predicted.</summary>
    public long Predicted(int predicted)
    {
        long sum = 0;
        for (var truth = 0; truth < Classes; truth++)
            sum += this[truth, predicted];
        return sum;
    }

    /// <summary>One class against all others: true positives, false positives, false negatives, true negatives.</summary>
    public BinaryOverlap Of(int index)
    {
        var hits = this[index, index];
        var (falsePositives, falseNegatives) = (Predicted(index) - hits, Support(index) - hits);
        return new BinaryOverlap(hits, falsePositives, falseNegatives, Total - hits - falsePositives - falseNegatives);
    }

    /// <summary>The counts as rows.</summary>
    public long[][] ToRows() => [.. counts.Chunk(Classes)];
}

namespace Fovea.Data.Statistics;

/// <summary>Counts of values in bins of equal width.</summary>
/// <param name="Name">What was counted, with its unit: "box width, pixels".</param>
/// <param name="Edges">Bin edges, one more than bins, ascending.</param>
/// <param name="Counts">Values in every bin; the last bin holds its right edge too.</param>
/// <param name="Minimum">The least value, 0 when there are none.</param>
/// <param name="Median">The middle value, 0 when there are none.</param>
/// <param name="Maximum">The greatest value, 0 when there are none.</param>
public sealed record Histogram(
    string Name, IReadOnlyList<double> Edges, IReadOnlyList<long> Counts, double Minimum, double Median, double Maximum)
{
    /// <summary>Counts values.</summary>
    /// <param name="name">What they are, with their unit.</param>
    /// <param name="values">The values; the list is sorted.</param>
    /// <param name="bins">Greatest number of bins.</param>
    public static Histogram Of(string name, List<double> values, int bins = 20)
    {
        if (values.Count == 0)
            return new Histogram(name, [0, 1], [0], 0, 0, 0);
        values.Sort();
        var (low, high) = (values[0], values[^1]);
        if (values.TrueForAll(static value => value == Math.Floor(value)))
        {
            // Bins of whole numbers hold equally many of them.
            var step = Math.Ceiling((high - low + 1) / bins);
            bins = (int)Math.Ceiling((high - low + 1) / step);
            (low, high) = (low - 0.5, low - 0.5 + bins * step);
        }
        else if (low == high)
        {
            (low, high, bins) = (low - 0.5, high + 0.5, 1);
        }

        var counts = new long[bins];
        foreach (var value in values)
            counts[Math.Min(bins - 1, (int)((value - low) / (high - low) * bins))]++;
        var edges = Enumerable.Range(0, bins + 1).Select(i => low + (high - low) * i / bins);
        var middle = values.Count / 2;
        var median = values.Count % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
        return new Histogram(name, [.. edges], counts, values[0], median, values[^1]);
    }
}

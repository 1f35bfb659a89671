namespace Fovea.Metrics;

/// <summary>A confidence interval.</summary>
/// <param name="Low">Lower end.</param>
/// <param name="High">Upper end.</param>
public sealed record Interval(double Low, double High);

/// <summary>
/// Confidence intervals by drawing the cases again with replacement (Efron and Tibshirani, "An Introduction to the Bootstrap",
/// 1993, section 13.3: percentiles of the redrawn figures). The same seed gives the same interval on any number of cores.
/// </summary>
public static class Bootstrap
{
    /// <summary>Intervals of several figures of the same cases.</summary>
    /// <param name="cases">Number of cases, at least 1.</param>
    /// <param name="figures">The figures of the cases drawn, given by their numbers, some twice or more and some never; called on several threads.</param>
    /// <param name="draws">How often all cases are drawn again.</param>
    /// <param name="confidence">Share of the redrawn figures within, 0 to 1.</param>
    /// <param name="seed">Start of the random numbers.</param>
    /// <returns>One for each figure; null where it was never a finite number. Draws where it is none are left out.</returns>
    public static Interval?[] Intervals(int cases, Func<int[], double[]> figures, int draws = 1000, double confidence = 0.95, int seed = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(cases, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(draws, 1);
        var results = new double[draws][];
        Parallel.For(0, draws, () => new int[cases], (draw, _, drawn) =>
        {
            var random = new Random(unchecked(seed * 1_000_003 + draw));
            for (var i = 0; i < drawn.Length; i++)
                drawn[i] = random.Next(cases);
            results[draw] = figures(drawn);
            return drawn;
        }, static _ => { });
        return [.. Enumerable.Range(0, results[0].Length).Select(figure => Of(results.Select(result => result[figure]), confidence))];
    }

    private static Interval? Of(IEnumerable<double> values, double confidence)
    {
        var sorted = values.Where(double.IsFinite).Order().ToArray();
        return sorted.Length == 0 ? null : new Interval(Percentile.Of(sorted, (1 - confidence) / 2), Percentile.Of(sorted, (1 + confidence) / 2));
    }
}

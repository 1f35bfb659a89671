using System.Runtime.InteropServices;

namespace Fovea.Metrics;

/// <summary>
/// How well one division of pixels into objects fits another (Arganda-Carreras et al., "Crowdsourcing the creation of image
/// segmentation algorithms for connectomics", 2015): the Rand index of pairs, V_rand and V_info, restricted to the pixels that
/// belong to an object in truth. A pixel of those that the prediction gives to no object is an object of its own.
/// </summary>
public sealed class PartitionComparison
{
    private PartitionComparison(Dictionary<long, long> both, Dictionary<int, long> truth, Dictionary<int, long> prediction, long loose)
    {
        Pixels = truth.Values.Sum();
        double n = Pixels;
        var (squaresBoth, squaresTruth, squaresPrediction) = (Squares(both.Values) + loose, Squares(truth.Values), Squares(prediction.Values) + loose);
        // Pairs of a pixel with itself are in the squares and not in the Rand index.
        RandIndex = Pixels < 2 ? double.NaN : 1 - (squaresTruth + squaresPrediction - 2 * squaresBoth) / (n * (n - 1));
        (RandSplit, RandMerge) = (squaresBoth / squaresTruth, squaresBoth / squaresPrediction);
        var single = loose / n * Math.Log(n);
        var (entropyTruth, entropyPrediction) = (Entropy(truth.Values, n), Entropy(prediction.Values, n) + single);
        var information = Math.Max(0, entropyTruth + entropyPrediction - Entropy(both.Values, n) - single);
        (InfoSplit, InfoMerge) = (Share(information, entropyPrediction), Share(information, entropyTruth));
        InfoF = Pixels == 0 ? double.NaN : Share(2 * information, entropyTruth + entropyPrediction);
    }

    /// <summary>Pixels that count.</summary>
    public long Pixels { get; }

    /// <summary>The share of pairs of pixels that both divisions put together or both keep apart; NaN with fewer than two pixels.</summary>
    public double RandIndex { get; }

    /// <summary>1 − the Rand index.</summary>
    public double RandError => 1 - RandIndex;

    /// <summary>Σ p² / Σ t²: falls when objects of the truth are split.</summary>
    public double RandSplit { get; }

    /// <summary>Σ p² / Σ s²: falls when objects of the truth are merged.</summary>
    public double RandMerge { get; }

    /// <summary>V_rand: the harmonic mean of both, 1 for a perfect division; NaN without pixels.</summary>
    public double RandF => 2 * RandSplit * RandMerge / (RandSplit + RandMerge);

    /// <summary>Mutual information over the prediction's entropy: falls when objects of the truth are split.</summary>
    public double InfoSplit { get; }

    /// <summary>Mutual information over the truth's entropy: falls when objects of the truth are merged.</summary>
    public double InfoMerge { get; }

    /// <summary>V_info: mutual information over the mean of the entropies, 1 for a perfect division; NaN without pixels.</summary>
    public double InfoF { get; }

    /// <summary>Compares.</summary>
    /// <param name="truth">The number of each pixel's object; 0 for pixels of none, which do not count.</param>
    /// <param name="prediction">The same of the prediction.</param>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static PartitionComparison Of(ReadOnlySpan<int> truth, ReadOnlySpan<int> prediction)
    {
        if (truth.Length != prediction.Length)
            throw new ArgumentException($"found {prediction.Length} predicted pixels, expected {truth.Length}", nameof(prediction));
        var (both, ofTruth, ofPrediction) = (new Dictionary<long, long>(), new Dictionary<int, long>(), new Dictionary<int, long>());
        long loose = 0;
        for (int i = 0, start = 0; i < truth.Length; start = i)
        {
            while (i < truth.Length && truth[i] == truth[start] && prediction[i] == prediction[start])
                i++;
            if (truth[start] == 0)
                continue;
            var run = i - start;
            CollectionsMarshal.GetValueRefOrAddDefault(ofTruth, truth[start], out _) += run;
            if (prediction[start] == 0)
            {
                loose += run;
                continue;
            }

            CollectionsMarshal.GetValueRefOrAddDefault(ofPrediction, prediction[start], out _) += run;
            CollectionsMarshal.GetValueRefOrAddDefault(both, (long)truth[start] << 32 | (uint)prediction[start], out _) += run;
        }

        return new PartitionComparison(both, ofTruth, ofPrediction, loose);
    }

    private static double Squares(IEnumerable<long> counts) => counts.Sum(static count => (double)count * count);

    private static double Entropy(IEnumerable<long> counts, double n) => -counts.Sum(count => count / n * Math.Log(count / n));

    // Two divisions into one object each carry no information and agree.
    private static double Share(double information, double of) => of <= 0 ? 1 : information / of;
}

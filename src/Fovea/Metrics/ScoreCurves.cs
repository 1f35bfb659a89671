using Fovea.Ops.Kernels;

namespace Fovea.Metrics;

/// <summary>
/// What scores are worth that answer a yes-or-no question: the counts at every threshold, and what is read off them (ROC, AUC,
/// precision over recall, average precision, the best F1). Equal scores are one threshold, so their order changes nothing.
/// </summary>
public sealed class ScoreCurves
{
    private readonly float[] thresholds;
    private readonly long[] hits, alarms;

    private ScoreCurves(float[] thresholds, long[] hits, long[] alarms, long positives, long negatives)
    {
        (this.thresholds, this.hits, this.alarms) = (thresholds, hits, alarms);
        (Positives, Negatives) = (positives, negatives);
    }

    /// <summary>The scores that occur, greatest first; at each of them everything with that score or more is answered yes.</summary>
    public IReadOnlyList<float> Thresholds => thresholds;

    /// <summary>True positives at every threshold.</summary>
    public IReadOnlyList<long> TruePositives => hits;

    /// <summary>False positives at every threshold.</summary>
    public IReadOnlyList<long> FalsePositives => alarms;

    /// <summary>How many are truly yes.</summary>
    public long Positives { get; }

    /// <summary>How many are truly no.</summary>
    public long Negatives { get; }

    /// <summary>
    /// Area under the ROC curve by trapezoids: the chance that a yes scores higher than a no, a tie counting half. NaN when
    /// there is no yes or no no.
    /// </summary>
    public double Auc
    {
        get
        {
            var (area, hitsBefore, alarmsBefore) = (0.0, 0L, 0L);
            for (var i = 0; i < hits.Length; i++)
            {
                area += (alarms[i] - alarmsBefore) * ((double)hits[i] + hitsBefore) / 2;
                (hitsBefore, alarmsBefore) = (hits[i], alarms[i]);
            }

            return Positives == 0 || Negatives == 0 ? double.NaN : area / ((double)Positives * Negatives);
        }
    }

    /// <summary>Average precision without interpolation, Σ (R_n − R_{n−1}) P_n; about the share of yes for scores that know nothing. NaN without a yes.</summary>
    public double AveragePrecision
    {
        get
        {
            var (sum, before) = (0.0, 0L);
            for (var i = 0; i < hits.Length; i++)
            {
                sum += (double)(hits[i] - before) / Positives * PrecisionAt(i);
                before = hits[i];
            }

            return Positives == 0 ? double.NaN : sum;
        }
    }

    /// <summary>The threshold with the greatest F1, the greatest of several, and that F1; NaN without a yes.</summary>
    public (float Threshold, double F1) Best
    {
        get
        {
            var best = (Threshold: float.NaN, F1: double.NaN);
            for (var i = 0; i < hits.Length && Positives > 0; i++)
            {
                var f1 = 2.0 * hits[i] / (Positives + hits[i] + alarms[i]);
                if (!(f1 <= best.F1))
                    best = (thresholds[i], f1);
            }

            return best;
        }
    }

    /// <summary>Counts at every threshold.</summary>
    /// <param name="scores">A score for each case.</param>
    /// <param name="truth">Whether it is truly yes; of the same length.</param>
    /// <exception cref="ArgumentException">The lengths differ, or a score is no number.</exception>
    public static ScoreCurves Of(ReadOnlySpan<float> scores, ReadOnlySpan<bool> truth)
    {
        if (scores.Length != truth.Length)
            throw new ArgumentException($"found {scores.Length} scores, expected one for each of {truth.Length} cases", nameof(scores));
        var order = ScoreOrder.Descending(scores);
        // What is no number comes last.
        if (order.Length > 0 && float.IsNaN(scores[order[^1]]))
            throw new ArgumentException("found a score that is not a number", nameof(scores));
        var (thresholds, hits, alarms) = (new List<float>(), new List<long>(), new List<long>());
        var (yes, no) = (0L, 0L);
        for (var i = 0; i < order.Length; i++)
        {
            if (truth[order[i]])
                yes++;
            else
                no++;
            if (i + 1 < order.Length && scores[order[i + 1]] == scores[order[i]])
                continue;
            thresholds.Add(scores[order[i]]);
            hits.Add(yes);
            alarms.Add(no);
        }

        return new ScoreCurves([.. thresholds], [.. hits], [.. alarms], yes, no);
    }

    /// <summary>Average precision by a rule of PASCAL VOC; NaN without a yes.</summary>
    public double AveragePrecisionBy(AveragePrecisionRule rule) => Positives == 0 ? double.NaN
        : Metrics.AveragePrecision.Compute(Array.ConvertAll(hits, hit => (double)hit / Positives), [.. Enumerable.Range(0, hits.Length).Select(PrecisionAt)], rule);

    /// <summary>The ROC curve from (0, 0) to (1, 1): the share of no that is answered yes, and the share of yes that is.</summary>
    public IReadOnlyList<(double FalsePositiveRate, double TruePositiveRate)> Roc() =>
        [(0, 0), .. hits.Select((hit, i) => ((double)alarms[i] / Negatives, (double)hit / Positives))];

    /// <summary>Precision over recall, from recall 0 (where the precision is that of the greatest score) to 1.</summary>
    public IReadOnlyList<(double Recall, double Precision)> PrecisionRecall() =>
        hits.Length == 0 ? [] : [(0, PrecisionAt(0)), .. hits.Select((hit, i) => ((double)hit / Positives, PrecisionAt(i)))];

    private double PrecisionAt(int index) => (double)hits[index] / (hits[index] + alarms[index]);
}

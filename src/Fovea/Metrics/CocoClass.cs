using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Fovea.Ops.Kernels;

namespace Fovea.Metrics;

/// <summary>All detections of one class with what became of them, and the precision and recall they amount to.</summary>
internal sealed class CocoClass
{
    private readonly List<float> scores = [];
    private readonly List<byte> ranks = [];
    private readonly List<CocoOutcome> outcomes = [];
    private readonly long[] objects = new long[CocoRules.Areas.Length];

    /// <summary>Detections added.</summary>
    public int Detections => scores.Count;

    /// <summary>Objects that count, by area range.</summary>
    public IReadOnlyList<long> Objects => objects;

    /// <summary>Adds the objects of an image.</summary>
    public void AddObjects(ReadOnlySpan<CocoObject> added)
    {
        foreach (var item in added)
        {
            for (var area = 0; area < objects.Length; area++)
            {
                if (!item.IsIgnored && item.Area >= CocoRules.Areas[area].From && item.Area <= CocoRules.Areas[area].To)
                    objects[area]++;
            }
        }
    }

    /// <summary>Adds the detections of an image, best score first.</summary>
    /// <param name="added">Their scores, at most 100.</param>
    /// <param name="results">Their outcomes, for each detection one per area range.</param>
    public void AddDetections(ReadOnlySpan<float> added, ReadOnlySpan<CocoOutcome> results)
    {
        for (var rank = 0; rank < added.Length; rank++)
        {
            scores.Add(added[rank]);
            ranks.Add((byte)rank);
        }

        outcomes.AddRange(results);
    }

    /// <summary>The curves of an area range at every threshold; null when no object counts there.</summary>
    public CocoCurves? Curves(int area)
    {
        if (objects[area] == 0)
            return null;
        var order = ScoreOrder.Descending<float>(CollectionsMarshal.AsSpan(scores));
        var sorted = new CocoOutcome[order.Length];
        for (var i = 0; i < order.Length; i++)
            sorted[i] = outcomes[order[i] * CocoRules.Areas.Length + area];
        var curves = new CocoCurves(new double[CocoRules.Thresholds.Length][], new double[CocoRules.Thresholds.Length]);
        var precisions = new double[order.Length];
        for (var threshold = 0; threshold < CocoRules.Thresholds.Length; threshold++)
        {
            var hits = Precisions(sorted, threshold, precisions);
            curves.Recall[threshold] = (double)hits / objects[area];
            curves.Precision[threshold] = Sample(precisions.AsSpan(0, hits), objects[area]);
        }

        return curves;
    }

    /// <summary>Recall at every threshold when only the best detections of an image count; null when no object counts.</summary>
    /// <param name="most">Detections of an image that count.</param>
    public double[]? RecallOfBest(int most)
    {
        if (objects[0] == 0)
            return null;
        var hits = new long[CocoRules.Thresholds.Length];
        for (var i = 0; i < ranks.Count; i++)
        {
            if (ranks[i] >= most)
                continue;
            for (var threshold = 0; threshold < hits.Length; threshold++)
                hits[threshold] += outcomes[i * CocoRules.Areas.Length].IsRight(threshold) ? 1 : 0;
        }

        return Array.ConvertAll(hits, count => (double)count / objects[0]);
    }

    // The precision after each right detection; only there does the recall grow, so only there is it ever read.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int Precisions(CocoOutcome[] sorted, int threshold, double[] precisions)
    {
        var (hits, misses) = (0, 0);
        foreach (var outcome in sorted)
        {
            if (outcome.IsRight(threshold))
                precisions[hits++] = hits / (misses + hits + CocoRules.Spacing);
            else if (!outcome.IsSkipped(threshold))
                misses++;
        }

        for (var i = hits - 2; i >= 0; i--)
            precisions[i] = Math.Max(precisions[i], precisions[i + 1]);
        return hits;
    }

    private static double[] Sample(ReadOnlySpan<double> precisions, long objects)
    {
        var samples = new double[CocoRules.Recalls.Length];
        var hit = 0;
        for (var i = 0; i < samples.Length; i++)
        {
            while (hit < precisions.Length && (double)(hit + 1) / objects < CocoRules.Recalls[i])
                hit++;
            if (hit < precisions.Length)
                samples[i] = precisions[hit];
        }

        return samples;
    }
}

/// <summary>What one class reaches in one area range.</summary>
/// <param name="Precision">For each threshold the precision at recall 0, 0.01 ... 1.</param>
/// <param name="Recall">For each threshold the recall over all detections.</param>
internal sealed record CocoCurves(double[][] Precision, double[] Recall);

using System.Runtime.InteropServices;
using Fovea.Imaging;

namespace Fovea.Metrics;

/// <summary>
/// SEG of the Cell Tracking Challenge (Maška et al. 2014): an object of the truth is matched by the found object that covers
/// more than half of it, of which there is at most one; its score is their IoU, and 0 without a match. SEG is the mean over all
/// objects of the truth in all images; found objects that match none cost nothing.
/// </summary>
public sealed class CellTrackingEvaluator
{
    private double sum;

    /// <summary>Objects of the truth.</summary>
    public long Objects { get; private set; }

    /// <summary>Objects of the truth that are matched.</summary>
    public long Matched { get; private set; }

    /// <summary>SEG, 0 to 1; NaN without an object in truth.</summary>
    public double Seg => sum / Objects;

    /// <summary>Adds an image whose objects are numbered.</summary>
    /// <param name="truth">The number of each pixel's object; 0 for none.</param>
    /// <param name="prediction">The same of what was found.</param>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public void Add(ReadOnlySpan<int> truth, ReadOnlySpan<int> prediction)
    {
        if (truth.Length != prediction.Length)
            throw new ArgumentException($"found {prediction.Length} predicted pixels, expected {truth.Length}", nameof(prediction));
        var (areas, found, both) = (new Dictionary<int, long>(), new Dictionary<int, long>(), new Dictionary<(int Truth, int Found), long>());
        for (var i = 0; i < truth.Length; i++)
        {
            if (truth[i] != 0)
                CollectionsMarshal.GetValueRefOrAddDefault(areas, truth[i], out _)++;
            if (prediction[i] != 0)
                CollectionsMarshal.GetValueRefOrAddDefault(found, prediction[i], out _)++;
            if (truth[i] != 0 && prediction[i] != 0)
                CollectionsMarshal.GetValueRefOrAddDefault(both, (truth[i], prediction[i]), out _)++;
        }

        Objects += areas.Count;
        foreach (var ((reference, segment), common) in both)
        {
            if (2 * common > areas[reference])
                Match((double)common / (areas[reference] + found[segment] - common));
        }
    }

    /// <summary>Adds an image whose objects are masks, which may overlap.</summary>
    /// <param name="truth">Its objects.</param>
    /// <param name="prediction">What was found.</param>
    /// <exception cref="ArgumentException">Sizes differ.</exception>
    public void Add(IReadOnlyList<RunLengthMask> truth, IReadOnlyList<RunLengthMask> prediction)
    {
        Objects += truth.Count;
        var overlaps = RunLengthMask.IoU(truth, prediction);
        // As if what was found were a crowd, the divisor is the truth's area alone.
        var covered = RunLengthMask.IoU(truth, prediction, [.. prediction.Select(static _ => true)]);
        for (var i = 0; i < truth.Count; i++)
        {
            // Masks that overlap may both cover more than half; the better one counts.
            var best = Enumerable.Range(0, prediction.Count).Where(j => covered[i, j] > 0.5).Select(j => overlaps[i, j]).DefaultIfEmpty(-1).Max();
            if (best >= 0)
                Match(best);
        }
    }

    private void Match(double overlap)
    {
        sum += overlap;
        Matched++;
    }
}

using Fovea.Ops.Kernels;

namespace Fovea.Metrics;

/// <summary>How <see cref="VocEvaluator"/> judges.</summary>
public sealed record VocOptions
{
    /// <summary>How the average precision is read off the curve.</summary>
    public AveragePrecisionRule Rule { get; init; } = AveragePrecisionRule.Area;

    /// <summary>IoU from which a detection fits an object.</summary>
    public double Threshold { get; init; } = 0.5;

    /// <summary>Whether an IoU equal to the threshold fits, as in the devkit of the challenge; its Python port wants more.</summary>
    public bool EqualFits { get; init; } = true;

    /// <summary>
    /// Whether corners are inclusive pixels, so that a width is x2 - x1 + 1. Not for boxes that the readers of this library gave,
    /// which are half-open: their widths are those of the challenge already.
    /// </summary>
    public bool InclusiveCorners { get; init; }
}

/// <summary>
/// Average precision as the PASCAL VOC challenge defines it (Everingham et al. 2010, section 4.2): detections of a class over all
/// images, best first, each go to the object of their image they overlap most; a second one on the same object is wrong; objects
/// marked difficult count neither way.
/// </summary>
/// <param name="labels">The classes.</param>
/// <param name="options">How to judge; null for the rules of 2010 and later.</param>
public sealed class VocEvaluator(LabelSpace labels, VocOptions? options = null)
{
    private readonly VocOptions options = options ?? new VocOptions();
    private readonly List<Found>[] found = [.. labels.Names.Select(static _ => new List<Found>())];
    private readonly long[] objects = new long[labels.Count];
    private int marks;

    /// <summary>Images added.</summary>
    public int Images { get; private set; }

    /// <summary>Adds an image.</summary>
    /// <param name="truth">Its objects; crowds count as difficult.</param>
    /// <param name="detections">What was found in it, in any order.</param>
    /// <exception cref="FoveaException">A class is not in the label space.</exception>
    public void Add(IReadOnlyList<Instance> truth, IReadOnlyList<Detection> detections)
    {
        foreach (var instance in truth)
        {
            CheckClass(instance.Label);
            if (!Skips(instance))
                objects[instance.Label]++;
        }

        foreach (var detection in detections)
        {
            CheckClass(detection.Label);
            var (best, target) = (double.NegativeInfinity, -1);
            for (var i = 0; i < truth.Count; i++)
            {
                var overlap = truth[i].Label == detection.Label ? Overlap(detection.Box, truth[i].Box) : double.NegativeInfinity;
                if (overlap > best)
                    (best, target) = (overlap, i);
            }

            var fits = options.EqualFits ? best >= options.Threshold : best > options.Threshold;
            found[detection.Label].Add(new Found(detection.Score, fits ? marks + target : -1, fits && Skips(truth[target])));
        }

        marks += truth.Count;
        Images++;
    }

    /// <summary>The figures over all images added.</summary>
    public VocResult Compute()
    {
        var scores = new VocScore[labels.Count];
        Parallel.For(0, labels.Count, index => scores[index] = Score(index));
        return new VocResult(scores, options.Rule);
    }

    private static bool Skips(Instance instance) => instance.IsDifficult || instance.IsCrowd;

    private VocScore Score(int index)
    {
        var detections = found[index];
        var scores = new float[detections.Count];
        for (var i = 0; i < scores.Length; i++)
            scores[i] = detections[i].Score;
        var taken = new HashSet<int>();
        var (recall, precision) = (new List<double>(), new List<double>());
        var (hits, misses) = (0, 0);
        foreach (var i in ScoreOrder.Descending<float>(scores))
        {
            if (detections[i].IsSkipped)
                continue;
            if (detections[i].Target >= 0 && taken.Add(detections[i].Target))
                hits++;
            else
                misses++;
            recall.Add(hits / Math.Max(1.0, objects[index]));
            precision.Add((double)hits / (hits + misses));
        }

        return new VocScore(labels[index], objects[index], detections.Count)
        {
            Recall = recall,
            Precision = precision,
            AveragePrecision = objects[index] == 0 ? null : AveragePrecision.Compute([.. recall], [.. precision], options.Rule),
        };
    }

    private double Overlap(Box a, Box b)
    {
        var one = options.InclusiveCorners ? 1 : 0;
        var width = Math.Min((double)a.X2, b.X2) - Math.Max(a.X1, b.X1) + one;
        var height = Math.Min((double)a.Y2, b.Y2) - Math.Max(a.Y1, b.Y1) + one;
        var intersection = Math.Max(0, width) * Math.Max(0, height);
        var union = Area(a) + Area(b) - intersection;
        return union > 0 ? intersection / union : 0;

        double Area(Box box) => ((double)box.X2 - box.X1 + one) * ((double)box.Y2 - box.Y1 + one);
    }

    private void CheckClass(int label)
    {
        if (label < 0 || label >= labels.Count)
            throw new FoveaException($"evaluation: found class {label}, expected 0 to {labels.Count - 1}");
    }

    /// <param name="Score">Confidence.</param>
    /// <param name="Target">The object it goes to, numbered over all images; -1 for none.</param>
    /// <param name="IsSkipped">Whether that object is difficult.</param>
    private readonly record struct Found(float Score, int Target, bool IsSkipped);
}

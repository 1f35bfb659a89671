namespace Fovea.Metrics;

/// <summary>Evaluates answers where each label of an image is a question of its own: none, one or several may be true.</summary>
/// <param name="labels">The labels.</param>
/// <param name="threshold">The score from which a label is answered yes.</param>
public sealed class MultiLabelEvaluator(LabelSpace labels, float threshold = 0.5f)
{
    private readonly List<float> scores = [];
    private readonly List<bool> truths = [];
    private readonly BinaryOverlap[] perLabel = new BinaryOverlap[labels.Count];
    private readonly double[] samples = new double[3];
    private long exact, nothing;

    /// <summary>Images added.</summary>
    public int Count => truths.Count / labels.Count;

    /// <summary>Adds an image.</summary>
    /// <param name="truth">Whether each label is true.</param>
    /// <param name="added">A score for each label.</param>
    /// <param name="name">Name of the image, for messages.</param>
    /// <exception cref="FoveaException">There is not one of each for every label, or a score is no number.</exception>
    public void Add(ReadOnlySpan<bool> truth, ReadOnlySpan<float> added, string name = "image")
    {
        if (truth.Length != labels.Count || added.Length != labels.Count)
            throw new FoveaException($"{name}: found {truth.Length} truths and {added.Length} scores, expected one of each for every of {labels.Count} labels");
        var own = default(BinaryOverlap);
        for (var i = 0; i < added.Length; i++)
        {
            if (float.IsNaN(added[i]))
                throw new FoveaException($"{name}: found a score that is not a number for label '{labels[i]}'; the network has diverged");
            var answer = Answer(truth[i], added[i] >= threshold);
            perLabel[i] += answer;
            own += answer;
        }

        samples[0] += OrZero(own.Precision);
        samples[1] += OrZero(own.Sensitivity);
        samples[2] += OrZero(own.Dice);
        exact += own.FalsePositives + own.FalseNegatives == 0 ? 1 : 0;
        nothing += own.TruePositives + own.FalsePositives + own.FalseNegatives == 0 ? 1 : 0;
        scores.AddRange(added);
        truths.AddRange(truth);
    }

    /// <summary>The figures over all images added.</summary>
    /// <exception cref="FoveaException">There are none.</exception>
    public MultiLabelResult Compute()
    {
        if (Count == 0)
            throw new FoveaException("evaluation: found no images with labels, expected at least one");
        var perClass = perLabel.Select((counts, i) => new ClassScore(labels[i], counts, counts.TruePositives + counts.FalseNegatives)).ToList();
        var pooled = new ClassScore("", perLabel.Aggregate(static (a, b) => a + b), 1);
        return new MultiLabelResult(perClass, [.. Enumerable.Range(0, labels.Count).Select(Curves)])
        {
            Macro = ClassAverage.Of(perClass, static _ => 1),
            Weighted = ClassAverage.Of(perClass, static score => score.Support),
            Micro = ClassAverage.Of([pooled], static _ => 1),
            Samples = new ClassAverage(samples[0] / Count, samples[1] / Count, samples[2] / Count),
            ExactMatch = (double)exact / Count,
            HammingLoss = 1 - pooled.Counts.Accuracy,
            ImagesWithoutLabels = nothing,
        };
    }

    private ScoreCurves Curves(int label)
    {
        var (column, truth) = (new float[Count], new bool[Count]);
        for (var i = 0; i < column.Length; i++)
            (column[i], truth[i]) = (scores[i * labels.Count + label], truths[i * labels.Count + label]);
        return ScoreCurves.Of(column, truth);
    }

    private static BinaryOverlap Answer(bool truth, bool answer) => new(truth && answer ? 1 : 0, !truth && answer ? 1 : 0, truth && !answer ? 1 : 0, !truth && !answer ? 1 : 0);

    private static double OrZero(double value) => double.IsNaN(value) ? 0 : value;
}

/// <summary>The figures of a multi-label classification; what is 0/0 is 0.</summary>
public sealed class MultiLabelResult
{
    internal MultiLabelResult(IReadOnlyList<ClassScore> perLabel, IReadOnlyList<ScoreCurves> curves)
    {
        (PerLabel, Curves) = (perLabel, curves);
        var occurring = curves.Where(static c => c.Positives > 0).ToList();
        MeanAveragePrecision = occurring.Count == 0 ? double.NaN : occurring.Average(static c => c.AveragePrecision);
    }

    /// <summary>The figures of every label.</summary>
    public IReadOnlyList<ClassScore> PerLabel { get; }

    /// <summary>The curves of every label.</summary>
    public IReadOnlyList<ScoreCurves> Curves { get; }

    /// <summary>Means over labels, every label counting the same.</summary>
    public required ClassAverage Macro { get; init; }

    /// <summary>Over all pairs of image and label at once.</summary>
    public required ClassAverage Micro { get; init; }

    /// <summary>Means over labels, every label counting by how often it is true.</summary>
    public required ClassAverage Weighted { get; init; }

    /// <summary>Means over images, each judged by its own labels; specificity is not defined so and is NaN.</summary>
    public required ClassAverage Samples { get; init; }

    /// <summary>Share of images all of whose labels are answered rightly.</summary>
    public required double ExactMatch { get; init; }

    /// <summary>Share of pairs of image and label answered wrongly.</summary>
    public required double HammingLoss { get; init; }

    /// <summary>Images with no label in truth or answer: they count as 0 in the means over images.</summary>
    public required long ImagesWithoutLabels { get; init; }

    /// <summary>Mean average precision over the labels that are true somewhere; NaN when none is.</summary>
    public double MeanAveragePrecision { get; }
}

using System.Runtime.InteropServices;

namespace Fovea.Metrics;

/// <summary>Evaluates answers where each label of an image is a question of its own: none, one or several may be true.</summary>
/// <param name="labels">The labels.</param>
/// <param name="threshold">The score from which a label is answered yes.</param>
public sealed class MultiLabelEvaluator(LabelSpace labels, float threshold = 0.5f)
{
    private readonly List<float> scores = [];
    private readonly List<bool> truths = [];

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
        var bad = added.IndexOf(float.NaN);
        if (bad >= 0)
            throw new FoveaException($"{name}: found a score that is not a number for label '{labels[bad]}'; the network has diverged");
        scores.AddRange(added);
        truths.AddRange(truth);
    }

    /// <summary>The figures over all images added.</summary>
    /// <exception cref="FoveaException">There are none.</exception>
    public MultiLabelResult Compute()
    {
        if (Count == 0)
            throw new FoveaException("evaluation: found no images with labels, expected at least one");
        var curves = new ScoreCurves[labels.Count];
        Parallel.For(0, labels.Count, label => curves[label] = Curves(label));
        return new MultiLabelResult(Answers([.. Enumerable.Range(0, Count)]), new RankingResult(labels, curves, ScoreCurves.Of(CollectionsMarshal.AsSpan(scores), CollectionsMarshal.AsSpan(truths))));
    }

    /// <summary>95 % confidence intervals of the figures that a threshold gives, drawing the images again with replacement; see <see cref="Bootstrap"/>.</summary>
    /// <param name="draws">How often they are drawn.</param>
    /// <param name="seed">Start of the random numbers.</param>
    /// <returns>Intervals by the names of <see cref="MultiLabelResult.Values"/>, those of ranking left out.</returns>
    /// <exception cref="FoveaException">There are no images.</exception>
    public IReadOnlyDictionary<string, Interval> Intervals(int draws = 1000, int seed = 0)
    {
        if (Count == 0)
            throw new FoveaException("evaluation: found no images with labels, expected at least one");
        string[] names = [.. Answers([0]).Values.Keys];
        return names.Zip(Bootstrap.Intervals(Count, drawn => [.. Answers(drawn).Values.Values], draws, seed: seed))
            .Where(static pair => pair.Second is not null).ToDictionary(static pair => pair.First, static pair => pair.Second!);
    }

    /// <summary>The figures of the answers for some images.</summary>
    private MultiLabelAnswers Answers(int[] images)
    {
        var (perLabel, sums) = (new BinaryOverlap[labels.Count], new double[3]);
        var (exact, nothing) = (0L, 0L);
        foreach (var image in images)
        {
            var own = default(BinaryOverlap);
            for (var i = 0; i < labels.Count; i++)
            {
                var at = image * labels.Count + i;
                var answer = Answer(truths[at], scores[at] >= threshold);
                perLabel[i] += answer;
                own += answer;
            }

            sums[0] += OrZero(own.Precision);
            sums[1] += OrZero(own.Sensitivity);
            sums[2] += OrZero(own.Dice);
            exact += own.FalsePositives + own.FalseNegatives == 0 ? 1 : 0;
            nothing += own.TruePositives + own.FalsePositives + own.FalseNegatives == 0 ? 1 : 0;
        }

        var perClass = perLabel.Select((counts, i) => new ClassScore(labels[i], counts, counts.TruePositives + counts.FalseNegatives)).ToList();
        var pooled = new ClassScore("", perLabel.Aggregate(static (a, b) => a + b), 1);
        return new MultiLabelAnswers(perClass)
        {
            Macro = ClassAverage.Of(perClass, static _ => 1),
            Weighted = ClassAverage.Of(perClass, static score => score.Support),
            Micro = ClassAverage.Of([pooled], static _ => 1),
            Samples = new ClassAverage(sums[0] / images.Length, sums[1] / images.Length, sums[2] / images.Length),
            ExactMatch = (double)exact / images.Length,
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

/// <summary>The figures of yes-or-no answers about labels; what is 0/0 is 0.</summary>
/// <param name="PerLabel">The figures of every label.</param>
public record MultiLabelAnswers(IReadOnlyList<ClassScore> PerLabel)
{
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

    /// <summary>
    /// Figures by name: the plain means over labels precision, recall, f1, specificity; f1_micro over all pairs, f1_samples over images;
    /// exact_match and hamming_loss.
    /// </summary>
    public virtual IReadOnlyDictionary<string, double> Values => new OrderedDictionary<string, double>(StringComparer.Ordinal)
    {
        ["precision"] = Macro.Precision,
        ["recall"] = Macro.Recall,
        ["f1"] = Macro.F1,
        ["specificity"] = Macro.Specificity,
        ["f1_micro"] = Micro.F1,
        ["f1_samples"] = Samples.F1,
        ["exact_match"] = ExactMatch,
        ["hamming_loss"] = HammingLoss,
    };
}

/// <summary>The figures of a multi-label classification.</summary>
public sealed record MultiLabelResult : MultiLabelAnswers
{
    [System.Diagnostics.CodeAnalysis.SetsRequiredMembers]
    internal MultiLabelResult(MultiLabelAnswers answers, RankingResult ranking)
        : base(answers) => Ranking = ranking;

    /// <summary>How the scores of every label rank the images.</summary>
    public RankingResult Ranking { get; }

    /// <summary>The curves of every label.</summary>
    public IReadOnlyList<ScoreCurves> Curves => Ranking.PerClass;

    /// <summary>Mean average precision over the labels that are true somewhere; NaN when none is.</summary>
    public double MeanAveragePrecision => Ranking.MacroAveragePrecision;

    /// <summary>The figures of ranking, ap and auc (where there is one), and those of the answers.</summary>
    public override IReadOnlyDictionary<string, double> Values
    {
        get
        {
            var values = new OrderedDictionary<string, double>(StringComparer.Ordinal) { ["ap"] = MeanAveragePrecision };
            if (!double.IsNaN(Ranking.MacroAuc))
                values["auc"] = Ranking.MacroAuc;
            foreach (var (name, value) in base.Values)
                values[name] = value;
            return values;
        }
    }
}

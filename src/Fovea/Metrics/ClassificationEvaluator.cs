namespace Fovea.Metrics;

/// <summary>Evaluates classification: how often the true class scores best or among the best k, and who is taken for whom.</summary>
public sealed class ClassificationEvaluator
{
    private readonly LabelSpace labels;
    private readonly IReadOnlyList<int> best;
    private readonly ConfusionMatrix confusion;
    private readonly List<ClassifiedImage> images = [];

    /// <summary>Creates an evaluator.</summary>
    /// <param name="labels">The classes.</param>
    /// <param name="best">Every k of top-k to be given; null for 5, where there are more than five classes. Top-1 is always given.</param>
    /// <exception cref="FoveaException">A k is below 1 or above the number of classes.</exception>
    public ClassificationEvaluator(LabelSpace labels, IReadOnlyList<int>? best = null)
    {
        best ??= labels.Count > 5 ? [5] : [];
        foreach (var k in best)
        {
            if (k < 1 || k > labels.Count)
                throw new FoveaException($"top-k: found k = {k}, expected 1 to {labels.Count}, the number of classes");
        }

        this.labels = labels;
        this.best = [.. best.Append(1).Distinct().Order()];
        confusion = new ConfusionMatrix(labels.Count);
    }

    /// <summary>Images added.</summary>
    public long Count => confusion.Total;

    /// <summary>Adds an image.</summary>
    /// <param name="truth">Its true class.</param>
    /// <param name="scores">A probability or logit for every class. Of equal scores the first class counts as better.</param>
    /// <param name="name">Name of the image, for messages.</param>
    /// <returns>The class that scores best.</returns>
    /// <exception cref="FoveaException">The class is not in the label space, or the scores are too few, too many or not numbers.</exception>
    public int Add(int truth, ReadOnlySpan<float> scores, string name = "image")
    {
        if (truth < 0 || truth >= labels.Count)
            throw new FoveaException($"{name}: found true class {truth}, expected 0 to {labels.Count - 1}");
        if (scores.Length != labels.Count)
            throw new FoveaException($"{name}: found {scores.Length} scores, expected one for each of {Counted.Of(labels.Count, "class")}");
        var (first, better) = (0, 0);
        for (var i = 0; i < scores.Length; i++)
        {
            if (float.IsNaN(scores[i]))
                throw new FoveaException($"{name}: found a score that is not a number for class '{labels[i]}'; the network has diverged");
            if (scores[i] > scores[first])
                first = i;
            if (scores[i] > scores[truth] || (scores[i] == scores[truth] && i < truth))
                better++;
        }

        confusion.Add(truth, first);
        images.Add(new ClassifiedImage(truth, first, better));
        return first;
    }

    /// <summary>The figures over all images added.</summary>
    /// <exception cref="FoveaException">There are none.</exception>
    public ClassificationResult Compute()
    {
        if (Count == 0)
            throw new FoveaException("evaluation: found no images with a class, expected at least one");
        return new ClassificationResult(labels, confusion, [.. best.Select(k => (k, (double)images.Count(image => image.Better < k) / Count))]);
    }

    /// <summary>95 % confidence intervals of the figures, drawing the images again with replacement; see <see cref="Bootstrap"/>.</summary>
    /// <param name="draws">How often they are drawn.</param>
    /// <param name="seed">Start of the random numbers.</param>
    /// <returns>Intervals by the names of <see cref="ClassificationResult.Values"/>.</returns>
    /// <exception cref="FoveaException">There are no images.</exception>
    public IReadOnlyDictionary<string, Interval> Intervals(int draws = 1000, int seed = 0)
    {
        string[] names = [.. Compute().Values.Keys];
        var intervals = Bootstrap.Intervals(images.Count, Redrawn, draws, seed: seed);
        return names.Zip(intervals).Where(static pair => pair.Second is not null).ToDictionary(static pair => pair.First, static pair => pair.Second!);
    }

    // Sums of a class are all that the figures need: a whole matrix for every draw would be slow with a thousand classes.
    private double[] Redrawn(int[] drawn)
    {
        var (hits, called, support) = (new long[labels.Count], new long[labels.Count], new long[labels.Count]);
        var among = new long[best.Count];
        foreach (var index in drawn)
        {
            var image = images[index];
            support[image.Truth]++;
            called[image.Called]++;
            hits[image.Truth] += image.Truth == image.Called ? 1 : 0;
            for (var i = 0; i < among.Length; i++)
                among[i] += image.Better < best[i] ? 1 : 0;
        }

        var perClass = hits.Select((hit, i) => new ClassScore(
            labels[i], new BinaryOverlap(hit, called[i] - hit, support[i] - hit, drawn.Length - called[i] - support[i] + hit), support[i])).ToList();
        return [.. ClassificationResult.Named(perClass, [.. best.Select((k, i) => (k, (double)among[i] / drawn.Length))]).Values];
    }

    /// <summary>What the figures need of an image.</summary>
    /// <param name="Truth">Its class.</param>
    /// <param name="Called">The class that scores best.</param>
    /// <param name="Better">Classes that score better than the true one.</param>
    private readonly record struct ClassifiedImage(int Truth, int Called, int Better);
}

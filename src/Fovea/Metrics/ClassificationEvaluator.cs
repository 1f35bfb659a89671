namespace Fovea.Metrics;

/// <summary>Evaluates classification: how often the true class scores best or among the best five, and who is taken for whom.</summary>
/// <param name="labels">The classes.</param>
public sealed class ClassificationEvaluator(LabelSpace labels)
{
    private readonly ConfusionMatrix confusion = new(labels.Count);
    private long amongFive;

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
            throw new FoveaException($"{name}: found {scores.Length} scores, expected one for each of {labels.Count} classes");
        var (best, better) = (0, 0);
        for (var i = 0; i < scores.Length; i++)
        {
            if (float.IsNaN(scores[i]))
                throw new FoveaException($"{name}: found a score that is not a number for class '{labels[i]}'; the network has diverged");
            if (scores[i] > scores[best])
                best = i;
            if (scores[i] > scores[truth] || (scores[i] == scores[truth] && i < truth))
                better++;
        }

        confusion.Add(truth, best);
        if (better < 5)
            amongFive++;
        return best;
    }

    /// <summary>The figures over all images added.</summary>
    /// <exception cref="FoveaException">There are none.</exception>
    public ClassificationResult Compute()
    {
        if (Count == 0)
            throw new FoveaException("evaluation: found no images with a class, expected at least one");
        return new ClassificationResult(labels, confusion, (double)amongFive / Count);
    }
}

using Fovea.Losses;
using Fovea.Torch;

namespace Fovea.Models.Segmentation;

/// <summary>
/// What networks share that give a class for every pixel: the loss of every pixel while training, label maps
/// in the pixels of the original picture afterwards. Background is a class like the others, usually the first.
/// </summary>
public abstract class Segmenter : VisionModel
{
    /// <inheritdoc/>
    public override ModelTask Task => ModelTask.Semantic;

    /// <summary>The parts of the loss, which are added; the cross entropy alone unless set. The first gives the loss its name, the others add theirs to it.</summary>
    public IReadOnlyList<PixelCriterion> Criteria { get; set; } = [new("cross_entropy", new CrossEntropy { IgnoreIndex = LabelMap.Ignore })];

    /// <summary>Whether predictions hold the probability of every pixel not to be of the first class, besides the best class.</summary>
    public bool GivesForeground { get; set; }

    /// <inheritdoc/>
    public override LossTerms Loss(Batch batch)
    {
        using var scope = new TensorScope();
        var terms = new LossTerms();
        foreach (var (name, weight, scores, step) in TrainingScores(batch))
            AddTerms(terms, name, weight, scores, batch, step);
        foreach (var (_, term) in terms.Terms)
            scope.Keep(term);
        return terms;
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Prediction> Predict(Batch batch)
    {
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        var logits = BatchLogits(batch);
        PhaseBegins?.Invoke(PredictionPhase.OutputDecoding);
        return [.. Enumerable.Range(0, batch.Count).Select(i => Decode(logits[i], batch.Origins[i]))];
    }

    /// <summary>The score of every class at every pixel before the softmax, <c>[N, K, H, W]</c> of the images' size, differentiable by the images.</summary>
    /// <param name="batch">The pictures; it needs no targets.</param>
    public Tensor Scores(Batch batch)
    {
        using var scope = new TensorScope();
        return scope.Keep(BatchLogits(batch));
    }

    /// <summary>From the scores of a picture, <c>[K, H, W]</c>, to what is said about it.</summary>
    protected Prediction Decode(Tensor logits, ImageOrigin origin) => new()
    {
        Map = LogitDecoder.Decode(logits, origin),
        Foreground = GivesForeground ? LogitDecoder.Foreground(logits, origin) : null,
    };

    /// <summary>The score of every class at every pixel of the batch, <c>[N, K, H, W]</c> of the images' size.</summary>
    protected abstract Tensor BatchLogits(Batch batch);

    /// <summary>
    /// The scores that training compares with the maps: those of the predictions, and of heads that only help training where a
    /// network has them.
    /// </summary>
    protected virtual IEnumerable<TrainedScores> TrainingScores(Batch batch) => [new("loss", 1, BatchLogits(batch))];

    /// <summary>Adds the losses between scores and the batch's maps.</summary>
    /// <param name="terms">Where they are added.</param>
    /// <param name="name">Name of the first; the others append theirs.</param>
    /// <param name="weight">Weight of all of them.</param>
    /// <param name="logits">The scores, <c>[N, K, H, W]</c>.</param>
    /// <param name="batch">The batch.</param>
    /// <param name="step">Pixels of the maps for each cell of the scores along either side; the first of them is compared.</param>
    /// <exception cref="FoveaException">The batch has no maps.</exception>
    protected void AddTerms(LossTerms terms, string name, double weight, Tensor logits, Batch batch, int step = 1)
    {
        var maps = batch.Maps ?? throw new FoveaException("semantic segmentation: found a batch without label maps, expected the class of every pixel");
        if (step > 1)
            (logits, maps) = Matched(logits, maps, step);
        for (var i = 0; i < Criteria.Count; i++)
        {
            var (part, loss, factor) = Criteria[i];
            // A schedule may let a part rest.
            if (factor == 0)
                continue;
            var value = loss is CrossEntropy entropy && batch.PixelWeights is { } weights ? entropy.Compute(logits, maps, weights) : loss.Compute(logits, maps);
            terms.Add(i == 0 ? name : $"{name}_{part}", weight * factor == 1 ? value : value * (weight * factor));
        }
    }

    // Networks round sizes up or down when they halve them.
    private static (Tensor Scores, Tensor Maps) Matched(Tensor scores, Tensor maps, int step)
    {
        var reduced = maps.Slice(1, null, null, step).Slice(2, null, null, step);
        var (rows, columns) = (Math.Min(scores.Shape[2], reduced.Shape[1]), Math.Min(scores.Shape[3], reduced.Shape[2]));
        return (scores.Narrow(2, 0, rows).Narrow(3, 0, columns), reduced.Narrow(1, 0, rows).Narrow(2, 0, columns));
    }

    /// <summary>Scores that training compares with the maps.</summary>
    /// <param name="Name">Name of their loss.</param>
    /// <param name="Weight">Weight of their loss.</param>
    /// <param name="Scores">The scores, <c>[N, K, H, W]</c>.</param>
    /// <param name="Step">Pixels of the maps for each cell of the scores along either side.</param>
    protected readonly record struct TrainedScores(string Name, double Weight, Tensor Scores, int Step = 1);
}

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
        foreach (var (name, weight, scores) in TrainingScores(batch))
            AddTerms(terms, name, weight, scores, batch);
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

    /// <summary>The score of every class at every pixel before the softmax, <c>[N, K, H, W]</c> of the images' size, for who averages over several views of a picture.</summary>
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
    /// The scores that training compares with the maps, each with the name and the weight of its loss: those of the predictions, and
    /// of heads that only help training where a network has them.
    /// </summary>
    protected virtual IEnumerable<(string Name, double Weight, Tensor Scores)> TrainingScores(Batch batch) => [("loss", 1, BatchLogits(batch))];

    /// <summary>Adds the losses between scores and the batch's maps.</summary>
    /// <exception cref="FoveaException">The batch has no maps.</exception>
    protected void AddTerms(LossTerms terms, string name, double weight, Tensor logits, Batch batch)
    {
        var maps = batch.Maps ?? throw new FoveaException("semantic segmentation: found a batch without label maps, expected the class of every pixel");
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
}

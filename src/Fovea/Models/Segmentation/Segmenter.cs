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

    /// <inheritdoc/>
    public override LossTerms Loss(Batch batch)
    {
        using var scope = new TensorScope();
        var terms = new LossTerms();
        AddTerms(terms, "loss", 1, BatchLogits(batch), batch);
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
        NetworkDone?.Invoke();
        return [.. Enumerable.Range(0, batch.Count).Select(i => new Prediction { Map = LogitDecoder.Decode(logits[i], batch.Origins[i]) })];
    }

    /// <summary>The score of every class at every pixel before the softmax, <c>[N, K, H, W]</c> of the images' size; differentiable by the images.</summary>
    /// <param name="batch">The pictures; it needs no targets.</param>
    public Tensor PixelScores(Batch batch) => BatchLogits(batch);

    /// <summary>The score of every class at every pixel of the batch, <c>[N, K, H, W]</c> of the images' size.</summary>
    protected abstract Tensor BatchLogits(Batch batch);

    /// <summary>Adds the losses between scores and the batch's maps.</summary>
    /// <exception cref="FoveaException">The batch has no maps.</exception>
    protected void AddTerms(LossTerms terms, string name, double weight, Tensor logits, Batch batch)
    {
        var maps = batch.Maps ?? throw new FoveaException("semantic segmentation: found a batch without label maps, expected the class of every pixel");
        for (var i = 0; i < Criteria.Count; i++)
        {
            var (part, loss, factor) = Criteria[i];
            var value = loss.Compute(logits, maps);
            terms.Add(i == 0 ? name : $"{name}_{part}", weight * factor == 1 ? value : value * (weight * factor));
        }
    }
}

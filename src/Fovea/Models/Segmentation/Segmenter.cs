using Fovea.Losses;
using Fovea.Ops;
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

    /// <summary>Sharpens predictions along the borders seen in the picture, or null to take the network's own; training is not affected.</summary>
    public DenseCrf? Crf { get; set; }

    /// <inheritdoc/>
    public override LossTerms Loss(Batch batch)
    {
        using var scope = new TensorScope();
        var terms = new LossTerms();
        AddTerms(terms, "loss", 1, BatchLogits(batch), batch);
        return terms.KeepIn(scope);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Prediction> Predict(Batch batch)
    {
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        var logits = BatchLogits(batch);
        NetworkDone?.Invoke();
        return [.. Enumerable.Range(0, batch.Count).Select(i => Decode(logits[i], batch, i))];
    }

    /// <summary>The score of every class at every pixel of the batch, <c>[N, K, H, W]</c> of the images' size.</summary>
    protected abstract Tensor BatchLogits(Batch batch);

    /// <summary>From the scores of one picture of a batch, <c>[K, H, W]</c>, to its prediction.</summary>
    private protected Prediction Decode(Tensor logits, Batch batch, int index)
    {
        using var scope = new TensorScope();
        var scores = Crf is null ? logits : CrfRefinement.Apply(Crf, logits, batch, index, Preprocessing);
        return new Prediction { Map = LogitDecoder.Decode(scores, batch.Origins[index]) };
    }

    /// <summary>Adds the losses between scores and the batch's maps.</summary>
    /// <exception cref="FoveaException">The batch has no maps.</exception>
    protected void AddTerms(LossTerms terms, string name, double weight, Tensor logits, Batch batch) => AddTerms(terms, name, weight, logits, MapsOf(batch));

    /// <summary>Adds the losses between scores and maps of the same size.</summary>
    private protected void AddTerms(LossTerms terms, string name, double weight, Tensor logits, Tensor maps)
    {
        for (var i = 0; i < Criteria.Count; i++)
        {
            var (part, loss, factor) = Criteria[i];
            var value = loss.Compute(logits, maps);
            terms.Add(i == 0 ? name : $"{name}_{part}", weight * factor == 1 ? value : value * (weight * factor));
        }
    }

    /// <summary>The loss of scores on a coarser grid than the images', against the labels under the centres of its cells.</summary>
    private protected LossTerms CoarseLoss(Tensor scores, Batch batch)
    {
        using var scope = new TensorScope();
        var terms = new LossTerms();
        AddTerms(terms, "loss", 1, scores, CoarseMaps.Reduce(MapsOf(batch), scores.Shape[2], scores.Shape[3]));
        return terms.KeepIn(scope);
    }

    /// <summary>The true classes of a batch.</summary>
    /// <exception cref="FoveaException">The batch has none.</exception>
    private protected static Tensor MapsOf(Batch batch) =>
        batch.Maps ?? throw new FoveaException("semantic segmentation: found a batch without label maps, expected the class of every pixel");
}

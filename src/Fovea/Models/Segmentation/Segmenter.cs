using Fovea.Losses;
using Fovea.Torch;

namespace Fovea.Models.Segmentation;

/// <summary>
/// What networks share that give a class for every pixel: cross entropy (and Dice where asked for) while training, label maps
/// in the pixels of the original picture afterwards. Background is a class like the others, usually the first.
/// </summary>
public abstract class Segmenter : VisionModel
{
    /// <inheritdoc/>
    public override ModelTask Task => ModelTask.Semantic;

    /// <summary>The loss of every pixel; set it for class weights.</summary>
    public CrossEntropy Criterion { get; set; } = new() { IgnoreIndex = LabelMap.Ignore };

    /// <summary>The overlap loss added to <see cref="Criterion"/>, or null for none.</summary>
    public Dice? Overlap { get; set; }

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

    /// <summary>The score of every class at every pixel of the batch, <c>[N, K, H, W]</c> of the images' size.</summary>
    protected abstract Tensor BatchLogits(Batch batch);

    /// <summary>Adds the losses between scores and the batch's maps.</summary>
    /// <exception cref="FoveaException">The batch has no maps.</exception>
    protected void AddTerms(LossTerms terms, string name, double weight, Tensor logits, Batch batch)
    {
        var maps = batch.Maps ?? throw new FoveaException("semantic segmentation: found a batch without label maps, expected the class of every pixel");
        terms.Add(name, Weighted(Criterion.Compute(logits, maps)));
        if (Overlap is not null)
            terms.Add(name + "_dice", Weighted(Overlap.Compute(logits, maps)));

        Tensor Weighted(Tensor loss) => weight == 1 ? loss : loss * weight;
    }
}

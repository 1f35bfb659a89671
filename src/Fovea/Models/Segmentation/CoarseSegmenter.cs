using Fovea.Torch;

namespace Fovea.Models.Segmentation;

/// <summary>
/// A semantic network whose scores are trained on their own coarser grid, against the labels under the centres of its cells, and
/// enlarged bilinearly to predict. <c>[N, C, H, W]</c> to <c>[N, K, H, W]</c>.
/// </summary>
public abstract class CoarseSegmenter : SingleOutputSegmenter
{
    private protected CoarseSegmenter()
    {
    }

    /// <inheritdoc/>
    /// <exception cref="FoveaException">The batch has no maps, or has weights of pixels, which a coarser grid cannot take.</exception>
    public override LossTerms Loss(Batch batch)
    {
        using var scope = new TensorScope();
        if (batch.PixelWeights is not null)
            throw new FoveaException($"{GetType().Name}: found weights of pixels (loss.border_weights), expected none: its loss is taken on a coarser grid");
        var (terms, maps) = (new LossTerms(), MapsOf(batch));
        foreach (var (name, scores) in CoarseScores(batch.Images))
            AddTerms(terms, name, 1, scores, CoarseMaps.Reduce(maps, scores.Shape[2], scores.Shape[3]));
        return terms.KeepIn(scope);
    }

    /// <inheritdoc/>
    protected sealed override Tensor Logits(Tensor images)
    {
        using var scope = new TensorScope();
        return scope.Keep(CoarseScores(images)[^1].Scores.UpsampleBilinear2d([images.Shape[2], images.Shape[3]], false));
    }

    /// <summary>All scores that are trained, with the names of their losses; the last are those that predict. In the open scope.</summary>
    private protected abstract IReadOnlyList<(string Name, Tensor Scores)> CoarseScores(Tensor images);
}

using Fovea.Torch;

namespace Fovea.Models.Segmentation;

/// <summary>A semantic network with one head: what it gives is what is trained and what is predicted. <c>[N, C, H, W]</c> to <c>[N, K, H, W]</c>.</summary>
public abstract class SingleOutputSegmenter : Segmenter
{
    /// <inheritdoc/>
    public sealed override IReadOnlyList<KeyValuePair<string, Tensor>> Forward(Tensor images) => [KeyValuePair.Create("out", Logits(images))];

    /// <inheritdoc/>
    protected sealed override Tensor BatchLogits(Batch batch) => Logits(batch.Images);

    /// <summary>The score of every class at every pixel before the softmax, <c>[N, K, H, W]</c> of the images' size.</summary>
    /// <param name="images"><c>[N, C, H, W]</c>.</param>
    protected abstract Tensor Logits(Tensor images);
}

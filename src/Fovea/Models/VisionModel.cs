using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Models;

/// <summary>
/// A network as a trainer or evaluator sees it: losses of a batch while training, predictions of a batch afterwards.
/// </summary>
public abstract class VisionModel : Module
{
    /// <summary>What the network says about an image.</summary>
    public abstract ModelTask Task { get; }

    /// <summary>What must be done to a picture before <see cref="Loss"/> and <see cref="Predict"/> see it.</summary>
    public Preprocessing Preprocessing { get; set; } = new();

    /// <summary>
    /// Told by <see cref="Predict"/> what begins, so that each can be timed. It starts with the network; networks of several
    /// stages go back to it after decoding what the next stage works on.
    /// </summary>
    public Action<PredictionPhase>? PhaseBegins { get; set; }

    /// <summary>
    /// The bare network, as the reference implementation defines it: named raw outputs for images as the reference expects
    /// them (<c>logits</c>; <c>out</c> and <c>aux</c>; <c>boxes.i</c>, <c>scores.i</c>, <c>labels.i</c>, <c>masks.i</c> of image i).
    /// </summary>
    /// <param name="images"><c>[N, C, H, W]</c> float32.</param>
    public abstract IReadOnlyList<KeyValuePair<string, Tensor>> Forward(Tensor images);

    /// <summary>Told before every step of a training how much of it is done, 0 to 1, for networks that change on the way, as those with DropBlock do.</summary>
    /// <param name="done">The steps taken as a share of all.</param>
    public virtual void Progress(double done)
    {
    }

    /// <summary>The named losses of a batch.</summary>
    public abstract LossTerms Loss(Batch batch);

    /// <summary>The predictions for a batch, one for each picture, in pixels of the original pictures.</summary>
    public abstract IReadOnlyList<Prediction> Predict(Batch batch);

    /// <summary>
    /// The prefixes of the state-dict keys whose shapes depend on the number of classes: replaced when a weights file with
    /// another class count is fine-tuned.
    /// </summary>
    public abstract IReadOnlyList<string> HeadPrefixes { get; }
}

using Fovea.Losses;
using Fovea.Models.Backbones;
using Fovea.Torch;

namespace Fovea.Models.Classification;

/// <summary>
/// What networks share that give the class of an image, or several: cross entropy while training, of a softmax or of a sigmoid for each class,
/// probabilities afterwards.
/// </summary>
public abstract class ImageClassifier : VisionModel
{
    /// <inheritdoc/>
    public sealed override ModelTask Task => IsMultiLabel ? ModelTask.MultiLabel : ModelTask.Classification;

    /// <summary>Whether each class is a question of its own, so that none, one or several may be true of an image.</summary>
    public bool IsMultiLabel { get; set; }

    /// <summary>The loss between logits and labels of one class; set it for class weights or label smoothing.</summary>
    public CrossEntropy Criterion { get; set; } = new();

    /// <summary>The loss between logits and answers when <see cref="IsMultiLabel"/>.</summary>
    public BinaryCrossEntropy MultiLabelCriterion { get; set; } = new();

    /// <summary>What it sees with, below its head; null for a network that is not made of the two.</summary>
    public virtual Backbone? Backbone => null;

    /// <summary>The score of every class before the softmax, <c>[N, K]</c>.</summary>
    /// <param name="images"><c>[N, C, H, W]</c> float32.</param>
    public abstract Tensor Logits(Tensor images);

    /// <inheritdoc/>
    public override IReadOnlyList<KeyValuePair<string, Tensor>> Forward(Tensor images) => [KeyValuePair.Create("logits", Logits(images))];

    /// <inheritdoc/>
    /// <exception cref="FoveaException">The batch has no labels.</exception>
    public override LossTerms Loss(Batch batch)
    {
        var labels = batch.Labels ?? throw new FoveaException("classification: found a batch without labels, expected the class of every picture");
        using var scope = new TensorScope();
        return new LossTerms().Add("loss", scope.Keep(LossOf(Logits(batch.Images), labels)));
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Prediction> Predict(Batch batch)
    {
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        var logits = Logits(batch.Images);
        PhaseBegins?.Invoke(PredictionPhase.OutputDecoding);
        var probabilities = IsMultiLabel ? logits.To(Dtype.Float32).Sigmoid() : logits.Softmax(1, Dtype.Float32);
        var classes = (int)probabilities.Shape[1];
        var values = probabilities.ToArray<float>();
        return [.. Enumerable.Range(0, batch.Count).Select(i => new Prediction { Probabilities = values[(i * classes)..((i + 1) * classes)], IsMultiLabel = IsMultiLabel })];
    }

    /// <summary>The loss of logits, in the open scope.</summary>
    private protected Tensor LossOf(Tensor logits, Tensor labels) => IsMultiLabel ? MultiLabelCriterion.Compute(logits, labels) : Criterion.Compute(logits, labels);
}

using Fovea.Losses;
using Fovea.Models.Backbones;
using Fovea.Torch;

namespace Fovea.Models.Classification;

/// <summary>What networks share that give one class for an image: cross entropy while training, probabilities afterwards.</summary>
public abstract class ImageClassifier : VisionModel
{
    /// <inheritdoc/>
    public override ModelTask Task => ModelTask.Classification;

    /// <summary>The loss between logits and labels; set it for class weights or label smoothing.</summary>
    public CrossEntropy Criterion { get; set; } = new();

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
        return new LossTerms().Add("loss", scope.Keep(Criterion.Compute(Logits(batch.Images), labels)));
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Prediction> Predict(Batch batch)
    {
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        var logits = Logits(batch.Images);
        PhaseBegins?.Invoke(PredictionPhase.OutputDecoding);
        var probabilities = logits.Softmax(1, Dtype.Float32);
        var classes = (int)probabilities.Shape[1];
        var values = probabilities.ToArray<float>();
        return [.. Enumerable.Range(0, batch.Count).Select(i => new Prediction { Probabilities = values[(i * classes)..((i + 1) * classes)] })];
    }
}

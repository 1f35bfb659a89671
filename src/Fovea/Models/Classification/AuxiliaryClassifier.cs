using Fovea.Torch;

namespace Fovea.Models.Classification;

/// <summary>
/// What classifiers share that are judged half way too while they train (Szegedy et al. 2015, section 5): the losses of
/// auxiliary heads are added with a weight, and the heads rest afterwards.
/// </summary>
public abstract class AuxiliaryClassifier : ImageClassifier
{
    /// <summary>What the loss of every auxiliary head counts for.</summary>
    public double AuxiliaryWeight { get; set; }

    /// <inheritdoc/>
    public sealed override Tensor Logits(Tensor images)
    {
        using var scope = new TensorScope();
        return scope.Keep(Run(images, null));
    }

    /// <summary>The loss; in training also <c>loss_aux1</c> and so on, weighted, of the auxiliary heads.</summary>
    /// <inheritdoc/>
    public override LossTerms Loss(Batch batch)
    {
        if (!IsTraining || batch.Labels is not { } labels)
            return base.Loss(batch);
        using var scope = new TensorScope();
        var auxiliary = new List<Tensor>();
        var terms = new LossTerms().Add("loss", scope.Keep(Criterion.Compute(Run(batch.Images, auxiliary), labels)));
        for (var i = 0; i < auxiliary.Count; i++)
            terms.Add($"loss_aux{i + 1}", scope.Keep(Criterion.Compute(auxiliary[i], labels) * AuxiliaryWeight));
        return terms;
    }

    /// <summary>The logits, made in the open scope.</summary>
    /// <param name="images"><c>[N, C, H, W]</c> float32.</param>
    /// <param name="auxiliary">Where the logits of the auxiliary heads go, in order; null to leave those out.</param>
    private protected abstract Tensor Run(Tensor images, List<Tensor>? auxiliary);
}

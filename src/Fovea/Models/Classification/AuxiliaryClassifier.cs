using Fovea.Torch;

namespace Fovea.Models.Classification;

/// <summary>What may differ from published networks with auxiliary heads.</summary>
public abstract record AuxiliaryOptions
{
    /// <summary>Whether it has its auxiliary heads; weights without them and smaller pictures want none.</summary>
    public bool Auxiliary { get; init; } = true;

    /// <summary>The options of a network that weights with these names fit: without auxiliary heads where they have none.</summary>
    /// <param name="names">Names of tensors in a file.</param>
    /// <param name="options">What the network would be built with.</param>
    /// <param name="published">What the published network is made with.</param>
    /// <param name="head">What the names of an auxiliary head begin with.</param>
    internal static ModelOptions Fit<T>(IReadOnlyCollection<string> names, ModelOptions options, T published, string head)
        where T : AuxiliaryOptions => names.Any(name => name.StartsWith(head, StringComparison.Ordinal)) ? options : options with { Variation = options.Varied(published) with { Auxiliary = false } };
}

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
        var terms = new LossTerms().Add("loss", scope.Keep(LossOf(Run(batch.Images, auxiliary), labels)));
        for (var i = 0; i < auxiliary.Count; i++)
            terms.Add($"loss_aux{i + 1}", scope.Keep(LossOf(auxiliary[i], labels) * AuxiliaryWeight));
        return terms;
    }

    /// <summary>The logits, made in the open scope.</summary>
    /// <param name="images"><c>[N, C, H, W]</c> float32.</param>
    /// <param name="auxiliary">Where the logits of the auxiliary heads go, in order; null to leave those out.</param>
    private protected abstract Tensor Run(Tensor images, List<Tensor>? auxiliary);
}

using Fovea.Models.Classification;
using Fovea.Torch;

namespace Fovea.Explain;

/// <summary>
/// Learning Deep Features for Discriminative Localization (Zhou, Khosla, Lapedriza, Oliva, Torralba, CVPR 2016), equation 2: where a
/// network takes the mean of every map before its linear layer, the maps weighed as the layer weighs their means,
/// M = Σ w_k·A_k, have the score (less the bias) as their own mean.
/// </summary>
public static class ClassActivationMap
{
    /// <summary>The map of a class, <c>[h, w]</c> of the last maps' size, in the caller's scope.</summary>
    /// <exception cref="FoveaException">The network's head is of another kind, or it is no classifier.</exception>
    public static Tensor Map(Subject subject)
    {
        if (subject.Model is not ImageClassifier classifier)
            throw new FoveaException($"cam: found {subject.Model.GetType().Name}, expected a classifier; gradcam works on every network");
        if (PooledHead.Find(classifier, subject.Images) is not { } head)
            throw new FoveaException($"cam: found {subject.Model.GetType().Name}, whose head is not the mean of every map and one linear layer, expected that; gradcam works on every network");
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        using var probe = new LayerProbe(head.Map);
        // The score checks the class.
        subject.Score(subject.Images);
        var maps = probe.Maps[^1][0];
        return scope.Keep(head.Linear is null
            ? maps[subject.Target.Label].Clone()
            : (head.Linear.Weight[subject.Target.Label].Reshape([-1, 1, 1]) * maps).Sum([0]));
    }
}

using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Explain;

/// <summary>The gradient of scores by pictures, with the rectifiers' own backward or another.</summary>
internal static class InputGradient
{
    /// <summary>The gradient of the sum of the scores of versions of a picture, <c>[N, C, H, W]</c>, in the caller's scope.</summary>
    public static Tensor Of(Subject subject, Tensor images, RectifierRule? rule = null) =>
        Of(images, subject.Score, rule, subject.Model.GetType().Name);

    /// <summary>The gradient of the sum of a function's values.</summary>
    /// <exception cref="FoveaException">A rule was asked for and no rectifier ran.</exception>
    public static Tensor Of(Tensor images, Func<Tensor, Tensor> function, RectifierRule? rule, string network) => Ruled(images, function, rule)
        ?? throw new FoveaException($"explain: found no rectifier in {network}, expected some; without them {(rule == RectifierRule.Guided ? "guided backpropagation" : "the deconvnet")} is the plain gradient, which saliency shows");

    /// <summary>The gradient of the sum of a function's values, or null when a rule was asked for and no rectifier ran.</summary>
    public static Tensor? Ruled(Tensor images, Func<Tensor, Tensor> function, RectifierRule? rule)
    {
        using var scope = new TensorScope();
        using var record = Autograd.EnableGrad();
        var leaf = images.Detach();
        leaf.RequiresGrad = true;
        using var rectifiers = rule is { } asked ? new RectifierScope(asked) : null;
        var total = function(leaf).Sum();
        return rectifiers is { Rectifiers: 0 } ? null : scope.Keep(Autograd.Grad([total], [leaf])[0]!);
    }
}

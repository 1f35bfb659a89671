using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Explain;

/// <summary>
/// Visualizing and Understanding Convolutional Networks (Zeiler, Fergus, ECCV 2014), section 2.1: one unit's value is sent back down to
/// the pixels: pools put it where their maximum was (the switches), rectifiers cut off what is negative, convolutions run
/// transposed with the same kernels. It is the gradient with <see cref="RectifierRule.Deconvolution"/>.
/// </summary>
public static class DeconvNet
{
    /// <summary>What the score projects down to, <c>[C, H, W]</c>, in the caller's scope.</summary>
    /// <exception cref="FoveaException">The network has no rectifier.</exception>
    public static Tensor Gradient(Subject subject)
    {
        using var scope = new TensorScope();
        return scope.Keep(InputGradient.Of(subject, subject.Images, RectifierRule.Deconvolution)[0]);
    }

    /// <summary>What a unit's activation projects down to, all others being 0; <c>[C, H, W]</c>, in the caller's scope, or null in a network without rectifiers.</summary>
    /// <param name="unit">The unit.</param>
    /// <param name="images">The picture, <c>[1, C, H, W]</c>.</param>
    /// <param name="run">Runs the network.</param>
    internal static Tensor? OfUnit(Unit unit, Tensor images, Action<Tensor> run)
    {
        using var scope = new TensorScope();
        using var probe = new LayerProbe(unit.Layer);
        Tensor Activation(Tensor pictures)
        {
            run(pictures);
            var value = probe.Maps[0][0, unit.Channel, unit.Row, unit.Column];
            // The signal that goes down is the activation itself, not 1.
            return value * value.Detach();
        }

        return InputGradient.Ruled(images, Activation, RectifierRule.Deconvolution) is { } gradient ? scope.Keep(gradient[0]) : null;
    }
}

/// <summary>One cell of one map of a layer.</summary>
/// <param name="Layer">The layer.</param>
/// <param name="Channel">The map.</param>
/// <param name="Row">Row of the cell.</param>
/// <param name="Column">Column of the cell.</param>
internal readonly record struct Unit(NamedLayer Layer, int Channel, int Row, int Column);

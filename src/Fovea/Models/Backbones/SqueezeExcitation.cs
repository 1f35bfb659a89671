using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Models.Backbones;

/// <summary>
/// Squeeze-and-Excitation Networks (Hu, Shen, Sun, CVPR 2018), section 3: the mean of every channel goes through two small
/// layers and says how much of each channel is let through, so that a network can attend to some by what the whole image
/// shows. <c>[N, C, H, W]</c> to the same. Keys <c>fc1</c>, <c>fc2</c> (1x1 convolutions).
/// </summary>
public sealed class SqueezeExcitation : Layer
{
    private readonly Conv2d fc1;
    private readonly ReLU relu = new(inPlace: true);
    private readonly Conv2d fc2;
    private readonly Layer gate;

    /// <summary>Creates the layer.</summary>
    /// <param name="channels">Channels, C.</param>
    /// <param name="reduction">By how much the channels are squeezed between the two layers; 16 in the paper.</param>
    /// <exception cref="FoveaException">The channels are no multiple of the reduction.</exception>
    public SqueezeExcitation(int channels, int reduction = 16)
        : this(channels, Squeezed(channels, reduction), new Sigmoid())
    {
    }

    /// <summary>Creates the layer with any width and bound.</summary>
    /// <param name="channels">Channels, C.</param>
    /// <param name="squeezed">Channels between the two layers.</param>
    /// <param name="gate">What makes shares of the second layer's values; it has no weights.</param>
    internal SqueezeExcitation(int channels, int squeezed, Layer gate)
    {
        fc1 = Child("fc1", new Conv2d(channels, squeezed, 1));
        fc2 = Child("fc2", new Conv2d(squeezed, channels, 1));
        this.gate = gate;
    }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input)
    {
        var squeezed = relu.Consume(fc1.Consume(input.Mean([2, 3], true)));
        return input * gate.Consume(fc2.Consume(squeezed));
    }

    private static int Squeezed(int channels, int reduction) => reduction >= 1 && channels % reduction == 0 ? channels / reduction
        : throw new FoveaException($"squeeze and excitation: found reduction {reduction}, expected a divisor of {channels} channels");
}

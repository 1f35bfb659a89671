using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Models.Segmentation;

/// <summary>What weighs the values of a map by the map itself.</summary>
public enum MapGate
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Every channel, by its mean over the image (squeeze and excitation, called cSE in dense prediction).</summary>
    Channel,

    /// <summary>Every pixel, by its own channels (sSE).</summary>
    Spatial,

    /// <summary>Both, added (scSE).</summary>
    Both,
}

/// <summary>
/// Concurrent Spatial and Channel Squeeze &amp; Excitation in Fully Convolutional Networks (Roy, Navab, Wachinger, MICCAI 2018): besides
/// channels the pixels are weighed, since where matters as much as what in segmentation. <c>[N, C, H, W]</c> to the same.
/// Keys <c>cSE.1</c>, <c>cSE.3</c>, <c>sSE.0</c>.
/// </summary>
internal sealed class ConcurrentExcitation : Layer
{
    private const int Reduction = 16;

    private readonly Sequential? channel;
    private readonly Sequential? spatial;

    /// <summary>Creates the layer.</summary>
    /// <param name="channels">Channels, C.</param>
    /// <param name="gate">What is weighed, not <see cref="MapGate.None"/>.</param>
    public ConcurrentExcitation(int channels, MapGate gate)
    {
        if (gate is MapGate.Channel or MapGate.Both)
        {
            var squeezed = Math.Max(1, channels / Reduction);
            channel = Child("cSE", new Sequential(
                new AdaptiveAvgPool2d(1), new Conv2d(channels, squeezed, 1), new ReLU(inPlace: true), new Conv2d(squeezed, channels, 1), new Sigmoid()));
        }

        if (gate is MapGate.Spatial or MapGate.Both)
            spatial = Child("sSE", new Sequential(new Conv2d(channels, 1, 1), new Sigmoid()));
    }

    protected override Tensor Compute(Tensor input)
    {
        if (channel is null)
            return input.Mul(spatial!.Forward(input));
        var weighed = input.Mul(channel.Forward(input));
        return spatial is null ? weighed : weighed.Add(input.Mul(spatial.Forward(input)));
    }
}

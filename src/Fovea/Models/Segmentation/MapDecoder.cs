using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Models.Segmentation;

/// <summary>
/// What stands between the maps of an encoder and the head of an <see cref="EncoderDecoder"/>. Levels count halvings: the map of
/// level 3 is at an eighth of the resolution, unless the encoder keeps it finer.
/// </summary>
internal abstract class MapDecoder : SingleOutputModule
{
    /// <summary>The levels whose maps it takes, finest first.</summary>
    public abstract IReadOnlyList<int> Levels { get; }

    /// <summary>Image sides must be multiples of this many pixels.</summary>
    public abstract int Multiple { get; }

    /// <summary>Channels of what it gives.</summary>
    public abstract int OutChannels { get; }

    /// <summary>Side of the kernel of the head.</summary>
    public abstract int HeadKernel { get; }

    /// <summary>Brings the maps together.</summary>
    /// <param name="maps">Those of <see cref="Levels"/>.</param>
    public Tensor Apply(IReadOnlyList<Tensor> maps) => Observed(maps[^1], _ => Join(maps));

    /// <summary>The decoder's own arithmetic.</summary>
    protected abstract Tensor Join(IReadOnlyList<Tensor> maps);

    /// <summary>A convolution that keeps the size, its norm if it has one, and a ReLU. Keys <c>0</c>, <c>1</c>.</summary>
    protected static Sequential Normed(int inChannels, int outChannels, int kernelSize, bool hasNorm = true)
    {
        var layers = new Sequential(new Conv2d(inChannels, outChannels, kernelSize, padding: kernelSize / 2, hasBias: !hasNorm));
        if (hasNorm)
            layers.Add(new BatchNorm2d(outChannels));
        layers.Add(new ReLU(inPlace: true));
        return layers;
    }

    /// <summary>A map at the size of another.</summary>
    protected static Tensor Enlarged(Tensor map, Tensor target) => map.UpsampleBilinear2d([target.Shape[2], target.Shape[3]], true);
}

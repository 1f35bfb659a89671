using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Models.Segmentation;

/// <summary>How the decoder of a U-Net on an encoder is put together.</summary>
public sealed record SmpUNetOptions
{
    /// <summary>What weighs the maps before and after the two convolutions of a level.</summary>
    public MapGate Gate { get; init; }

    /// <summary>Whether the convolutions have norms.</summary>
    public bool HasNorm { get; init; } = true;
}

/// <summary>
/// U-Net (Ronneberger, Fischer, Brox, MICCAI 2015) on the maps of a classifier, so that the way down starts from pretrained weights:
/// five times nearest enlargement, the map of the way down beside it, two 3x3 convolutions. Keys <c>center</c>, <c>blocks.i.conv1</c>,
/// <c>conv2</c>, <c>attention1</c>, <c>attention2</c>.
/// </summary>
internal sealed class SmpUNetDecoder : MapDecoder
{
    private static readonly int[] Widths = [256, 128, 64, 32, 16];

    private readonly Sequential? centre;
    private readonly ModuleList<Block> blocks;

    /// <summary>Creates the decoder.</summary>
    /// <param name="channels">Channels of the five levels, finest first.</param>
    /// <param name="hasCentre">Whether two more convolutions stand on the coarsest map, as on VGG, which ends in a pool.</param>
    /// <param name="options">How it is put together.</param>
    public SmpUNetDecoder(IReadOnlyList<int> channels, bool hasCentre, SmpUNetOptions options)
    {
        var current = channels[^1];
        if (hasCentre)
            centre = Child("center", new Sequential(Normed(current, current, 3, options.HasNorm), Normed(current, current, 3, options.HasNorm)));
        blocks = Child("blocks", new ModuleList<Block>());
        for (var i = 0; i < Widths.Length; i++)
        {
            var skip = i + 1 < channels.Count ? channels[^(i + 2)] : 0;
            blocks.Add(new Block(current + skip, Widths[i], options));
            current = Widths[i];
        }
    }

    public override IReadOnlyList<int> Levels => [1, 2, 3, 4, 5];

    public override int Multiple => 32;

    public override int OutChannels => Widths[^1];

    public override int HeadKernel => 3;

    protected override Tensor Join(IReadOnlyList<Tensor> maps)
    {
        var current = centre is null ? maps[^1] : centre.Forward(maps[^1]);
        for (var i = 0; i < blocks.Count; i++)
            current = blocks[i].Apply(current, i + 1 < maps.Count ? maps[^(i + 2)] : null);
        return current;
    }

    private sealed class Block : SingleOutputModule
    {
        private readonly Sequential first;
        private readonly Sequential? before;
        private readonly Sequential second;
        private readonly Sequential? after;

        public Block(int inChannels, int outChannels, SmpUNetOptions options)
        {
            first = Child("conv1", Normed(inChannels, outChannels, 3, options.HasNorm));
            before = Gate("attention1", inChannels, options.Gate);
            second = Child("conv2", Normed(outChannels, outChannels, 3, options.HasNorm));
            after = Gate("attention2", outChannels, options.Gate);
        }

        public Tensor Apply(Tensor below, Tensor? skip) => Observed(below, _ =>
        {
            var current = below.UpsampleNearest2d([2 * below.Shape[2], 2 * below.Shape[3]]);
            if (skip is not null)
                current = Aten.Cat([current, skip], 1);
            current = second.Consume(first.Consume(before?.Consume(current) ?? current));
            return after?.Consume(current) ?? current;
        });

        private Sequential? Gate(string name, int channels, MapGate gate) => gate == MapGate.None
            ? null
            : Child(name, new Sequential([KeyValuePair.Create<string, Layer>("attention", new ConcurrentExcitation(channels, gate))]));
    }
}

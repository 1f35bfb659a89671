using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Models.Segmentation;

/// <summary>
/// Pyramid Scene Parsing Network (Zhao, Shi, Qi, Wang, Jia, CVPR 2017) on the map at an eighth of the resolution alone: a small, fast
/// relative of the published one, whose encoder goes on for two more stages. Keys <c>psp.blocks.i.pool.1</c>, <c>conv</c>.
/// </summary>
internal sealed class SmpPspDecoder : MapDecoder
{
    private const int Width = 512;

    private static readonly int[] Bins = [1, 2, 3, 6];

    private readonly PyramidPooling pyramid;
    private readonly Sequential convolution;
    private readonly Dropout2d dropout;

    /// <summary>Creates the decoder.</summary>
    /// <param name="channels">Channels of the five levels, finest first.</param>
    public SmpPspDecoder(IReadOnlyList<int> channels)
    {
        pyramid = Child("psp", new PyramidPooling(channels[2]));
        convolution = Child("conv", Normed(channels[2] + Bins.Length * (channels[2] / Bins.Length), Width, 1));
        dropout = Child("dropout", new Dropout2d(0.2));
    }

    public override IReadOnlyList<int> Levels => [3];

    public override int Multiple => 8;

    public override int OutChannels => Width;

    public override int HeadKernel => 3;

    protected override Tensor Join(IReadOnlyList<Tensor> maps) => dropout.Consume(convolution.Consume(pyramid.Forward(maps[0])));

    private sealed class PyramidPooling : Layer
    {
        private readonly ModuleList<Sequential> blocks;

        public PyramidPooling(int channels)
        {
            blocks = Child("blocks", new ModuleList<Sequential>());
            foreach (var bin in Bins)
            {
                // The mean of a whole image has no batch statistics worth a norm.
                blocks.Add(new Sequential([
                    KeyValuePair.Create<string, Layer>("pool", new Sequential(new AdaptiveAvgPool2d(bin), Normed(channels, channels / Bins.Length, 1, bin > 1)))]));
            }
        }

        protected override Tensor Compute(Tensor input) => Aten.Cat([.. Enumerable.Range(0, blocks.Count).Select(i => Enlarged(blocks[i].Forward(input), input)), input], 1);
    }
}

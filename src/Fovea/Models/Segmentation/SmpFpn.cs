using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Models.Segmentation;

/// <summary>
/// A Unified Architecture for Instance and Semantic Segmentation (Kirillov, He, Girshick, Dollár, 2017): the pyramid of detectors, each
/// level brought to a quarter of the resolution and all added, so that one trunk can serve both tasks. Keys <c>p5</c>,
/// <c>p4.skip_conv</c> to <c>p2.skip_conv</c>, <c>seg_blocks.i.block.j.block</c>.
/// </summary>
internal sealed class SmpFpnDecoder : MapDecoder
{
    private const int PyramidWidth = 256;
    private const int Width = 128;
    private const int NormGroups = 32;

    private readonly Conv2d top;
    private readonly Conv2d[] laterals = new Conv2d[3];
    private readonly ModuleList<Branch> branches;
    private readonly Dropout2d dropout = new(0.2);

    /// <summary>Creates the decoder.</summary>
    /// <param name="channels">Channels of the five levels, finest first.</param>
    public SmpFpnDecoder(IReadOnlyList<int> channels)
    {
        top = Child("p5", new Conv2d(channels[^1], PyramidWidth, 1));
        for (var i = 0; i < laterals.Length; i++)
        {
            laterals[i] = new Conv2d(channels[^(i + 2)], PyramidWidth, 1);
            Child($"p{4 - i}", new Sequential([KeyValuePair.Create<string, Layer>("skip_conv", laterals[i])]));
        }

        branches = Child("seg_blocks", new ModuleList<Branch>());
        for (var steps = laterals.Length; steps >= 0; steps--)
            branches.Add(new Branch(steps));
        Child("dropout", dropout);
    }

    public override IReadOnlyList<int> Levels => [2, 3, 4, 5];

    public override int Multiple => 32;

    public override int OutChannels => Width;

    public override int HeadKernel => 1;

    protected override Tensor Join(IReadOnlyList<Tensor> maps)
    {
        var level = top.Forward(maps[^1]);
        var sum = branches[0].Forward(level);
        for (var i = 0; i < laterals.Length; i++)
        {
            var lateral = laterals[i].Forward(maps[^(i + 2)]);
            level = level.UpsampleNearest2d([lateral.Shape[2], lateral.Shape[3]]).Add(lateral);
            sum = sum.Add(branches[i + 1].Forward(level));
        }

        return dropout.Consume(sum);
    }

    /// <summary>A convolution for each doubling of the size; one without doubling for the level that has it already.</summary>
    private sealed class Branch : Layer
    {
        private readonly Sequential steps;

        public Branch(int doublings)
        {
            steps = Child("block", new Sequential());
            for (var i = 0; i < Math.Max(1, doublings); i++)
                steps.Add(new Step(i == 0 ? PyramidWidth : Width, doublings > 0));
        }

        protected override Tensor Compute(Tensor input) => steps.Forward(input);
    }

    private sealed class Step : Layer
    {
        private readonly Sequential block;
        private readonly bool doubles;

        public Step(int inChannels, bool doubles)
        {
            block = Child("block", new Sequential(
                new Conv2d(inChannels, Width, 3, padding: 1, hasBias: false), new GroupNorm(NormGroups, Width), new ReLU(inPlace: true)));
            this.doubles = doubles;
        }

        protected override Tensor Compute(Tensor input)
        {
            var map = block.Forward(input);
            return doubles ? map.UpsampleBilinear2d([2 * map.Shape[2], 2 * map.Shape[3]], true) : map;
        }
    }
}

using System.Globalization;
using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Models.Segmentation;

/// <summary>Figure 3 of the RefineNet paper: adaptation, fusion with the coarser map, chained residual pooling, smoothing.</summary>
internal sealed class RefineBlock : SingleOutputModule
{
    private const int Poolings = 4;

    private readonly Conv2d reduce;
    private readonly Sequential adapt;
    private readonly Conv2d? join;
    private readonly Conv2d? hand;
    private readonly Sequential pool;
    private readonly Sequential smooth;
    private readonly ReLU relu = new(inPlace: true);

    /// <param name="number">Its number, 1 for the deepest.</param>
    /// <param name="inChannels">Channels of the backbone's map.</param>
    /// <param name="width">Channels of the block.</param>
    /// <param name="nextWidth">Channels of the next finer block; null when there is none.</param>
    public RefineBlock(int number, int inChannels, int width, int? nextWidth)
    {
        string Name(string before, string after) => string.Create(CultureInfo.InvariantCulture, $"{before}{number}{after}");
        reduce = Child(Name("p_ims1d2_outl", "_dimred"), Plain(inChannels, width));
        adapt = Child(Name("adapt_stage", "_b"), new Sequential(new ResidualUnits(width, 2)));
        join = number == 1 ? null : Child(Name("adapt_stage", "_b2_joint_varout_dimred"), Plain(width, width));
        pool = Child(Name("mflow_conv_g", "_pool"), new Sequential(new ChainedPooling(width)));
        smooth = Child(Name("mflow_conv_g", "_b"), new Sequential(new ResidualUnits(width, 3)));
        hand = nextWidth is { } next ? Child(Name("mflow_conv_g", "_b3_joint_varout_dimred"), Plain(width, next)) : null;
    }

    /// <summary>Refines.</summary>
    /// <param name="map">The backbone's map; it is freed.</param>
    /// <param name="below">What the coarser block gave, or null; it is freed.</param>
    public Tensor Apply(Tensor map, Tensor? below) => Observed(map, _ =>
    {
        var current = adapt.Consume(reduce.Consume(map));
        if (below is not null)
        {
            current = join!.Consume(current);
            current = current + below.UpsampleBilinear2d([current.Shape[2], current.Shape[3]], true);
            below.Dispose();
        }

        current = smooth.Consume(pool.Consume(relu.Consume(current)));
        return hand?.Consume(current) ?? current;
    });

    private static Conv2d Plain(int inChannels, int outChannels) => new(inChannels, outChannels, 3, padding: 1, hasBias: false);

    /// <summary>Figure 3b: to the input, which stays as it is, is added what two convolutions make of its positive part.</summary>
    private sealed class ResidualUnits : Layer
    {
        private readonly (Conv2d First, Conv2d Second)[] units;
        private readonly ReLU relu = new();

        public ResidualUnits(int channels, int count)
        {
            units = new (Conv2d, Conv2d)[count];
            for (var i = 0; i < count; i++)
            {
                var first = Child(string.Create(CultureInfo.InvariantCulture, $"{i + 1}_conv"), new Conv2d(channels, channels, 3, padding: 1));
                units[i] = (first, Child(string.Create(CultureInfo.InvariantCulture, $"{i + 1}_conv_relu_varout_dimred"), Plain(channels, channels)));
            }
        }

        protected override Tensor Compute(Tensor input)
        {
            var current = input;
            foreach (var (first, second) in units)
                current = current + second.Consume(relu.Consume(first.Consume(relu.Forward(current))));
            return current;
        }
    }

    /// <summary>Figure 3d: pooled and convolved again and again, each result added, so that far context comes at little cost.</summary>
    private sealed class ChainedPooling : Layer
    {
        private readonly MaxPool2d pool = new(5, stride: 1, padding: 2);
        private readonly Conv2d[] convolutions;

        public ChainedPooling(int channels) => convolutions = [.. Enumerable.Range(1, Poolings).Select(i =>
            Child(string.Create(CultureInfo.InvariantCulture, $"{i}_outvar_dimred"), Plain(channels, channels)))];

        protected override Tensor Compute(Tensor input)
        {
            var (sum, top) = (input, input);
            foreach (var convolution in convolutions)
            {
                top = convolution.Consume(pool.Forward(top));
                sum = sum + top;
            }

            return sum;
        }
    }
}

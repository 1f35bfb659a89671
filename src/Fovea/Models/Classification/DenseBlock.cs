using System.Globalization;
using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Models.Classification;

/// <summary>Section 3 of the DenseNet paper: layers that each append their maps to those they saw. Keys <c>denselayer1</c> and so on.</summary>
internal sealed class DenseBlock : Layer
{
    private readonly List<DenseLayer> layers = [];

    public DenseBlock(int count, int inChannels, DenseNetOptions options)
    {
        for (var i = 0; i < count; i++)
        {
            var name = "denselayer" + (i + 1).ToString(CultureInfo.InvariantCulture);
            layers.Add(Child(name, new DenseLayer(inChannels + i * options.GrowthRate, options)));
        }
    }

    protected override Tensor Compute(Tensor input)
    {
        // The joined maps replace those they were joined from, which joining all parts anew in every layer would keep alive.
        var joined = input;
        foreach (var layer in layers)
        {
            using var added = layer.Forward(joined);
            var longer = Aten.Cat([joined, added], 1);
            if (!ReferenceEquals(joined, input))
                joined.Dispose();
            joined = longer;
        }

        return joined;
    }
}

/// <summary>Composite function: norm, activation, 3x3 convolution, with a bottleneck (DenseNet-B) behind a 1x1 convolution, norm and activation.</summary>
internal sealed class DenseLayer : Layer
{
    private readonly Layer norm1;
    private readonly Layer relu1;
    private readonly ConvolutionNorm? reduce;
    private readonly Layer? relu2;
    private readonly Conv2d last;
    private readonly Dropout? dropout;

    public DenseLayer(int inChannels, DenseNetOptions options)
    {
        var width = options.BottleneckFactor * options.GrowthRate;
        norm1 = Child("norm1", options.Norm.Of(inChannels));
        relu1 = Child("relu1", options.Activation.Make());
        if (width == 0)
        {
            last = Child("conv1", new Conv2d(inChannels, options.GrowthRate, 3, padding: 1, hasBias: false));
        }
        else
        {
            var conv1 = Child("conv1", new Conv2d(inChannels, width, 1, hasBias: false));
            reduce = Pair(conv1, Child("norm2", options.Norm.Of(width)));
            relu2 = Child("relu2", options.Activation.Make());
            last = Child("conv2", new Conv2d(width, options.GrowthRate, 3, padding: 1, hasBias: false));
        }

        dropout = options.Dropout > 0 ? Child("drop", new Dropout(options.Dropout)) : null;
    }

    protected override Tensor Compute(Tensor input)
    {
        var seen = relu1.Consume(norm1.Forward(input));
        if (reduce is not null && relu2 is not null)
            seen = relu2.Consume(reduce.Consume(seen));
        var added = last.Consume(seen);
        return dropout?.Consume(added) ?? added;
    }
}

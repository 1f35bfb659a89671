using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Models.Segmentation;

/// <summary>
/// Figure 1 of the U-Net paper: four times two 3x3 convolutions and a pooling, the neck, four times an up-convolution, the
/// concatenation with the map of the way down and two 3x3 convolutions, then 1x1. Keys are those of the most used PyTorch
/// port: <c>inc</c>, <c>down1</c> to <c>down4</c>, <c>up1</c> to <c>up4</c>, <c>outc</c>; the skip comes first in the concatenation.
/// </summary>
internal sealed class UNetBody : Layer
{
    private const int Levels = 4;
    private const int Width = 64;

    private readonly Layer[] down = new Layer[Levels + 1];
    private readonly UpBlock[] up = new UpBlock[Levels];
    private readonly Layer head;
    private readonly Dropout? dropout;

    public UNetBody(int inChannels, int classes, UNetOptions options, int padding)
    {
        down[0] = Child("inc", DoubleConvolution(inChannels, Width, options, padding));
        for (var level = 1; level <= Levels; level++)
        {
            var pair = DoubleConvolution(Width << (level - 1), Width << level, options, padding);
            down[level] = Child($"down{level}", One("maxpool_conv", new Sequential(new MaxPool2d(2), pair)));
        }

        for (var level = 0; level < Levels; level++)
            up[level] = Child($"up{level + 1}", new UpBlock(Width << (Levels - level), options, padding));
        head = Child("outc", One("conv", new Conv2d(Width, classes, 1)));
        dropout = options.Dropout > 0 ? Child("dropout", new Dropout(options.Dropout)) : null;
        Classes = classes;
        Initialise();
    }

    public int Classes { get; }

    protected override Tensor Compute(Tensor input)
    {
        var skips = new Tensor[Levels];
        var current = down[0].Forward(input);
        for (var level = 1; level <= Levels; level++)
        {
            skips[level - 1] = current;
            current = down[level].Forward(current);
            // At the end of the way down (section 3.1): the last level and the neck.
            if (dropout is not null && level >= Levels - 1)
                current = dropout.Consume(current);
        }

        for (var level = 0; level < Levels; level++)
            current = up[level].Apply(current, skips[Levels - 1 - level]);
        return head.Consume(current);
    }

    private static Sequential One(string name, Layer layer) => new([KeyValuePair.Create(name, layer)]);

    private static Sequential DoubleConvolution(int inChannels, int outChannels, UNetOptions options, int padding)
    {
        var layers = new Sequential();
        for (var i = 0; i < 2; i++)
        {
            layers.Add(new Conv2d(i == 0 ? inChannels : outChannels, outChannels, 3, padding: padding, hasBias: options.HasConvolutionBias ?? options.Norm is null));
            if (options.Norm is not null)
                layers.Add(options.Norm(outChannels));
            layers.Add(new ReLU(inPlace: true));
        }

        return One("double_conv", layers);
    }

    // Section 3.1: normal with standard deviation √(2/N), N the inputs that feed one output.
    private void Initialise()
    {
        foreach (var (_, module) in NamedModules())
        {
            if (module is Conv2d convolution)
                Init.KaimingNormal(convolution.Weight);
            else if (module is ConvTranspose2d transposed)
                Init.Normal(transposed.Weight, 0, Math.Sqrt(2.0 / transposed.InChannels));
            else
                continue;
            if ((module as Conv2d)?.Bias is { } bias)
                Init.Constant(bias, 0);
        }
    }

    private sealed class UpBlock : Module
    {
        private readonly ConvTranspose2d enlarge;
        private readonly Layer convolutions;

        public UpBlock(int channels, UNetOptions options, int padding)
        {
            enlarge = Child("up", new ConvTranspose2d(channels, channels / 2, 2, stride: 2));
            convolutions = Child("conv", DoubleConvolution(channels, channels / 2, options, padding));
        }

        /// <summary>Takes both tensors: they are freed.</summary>
        public Tensor Apply(Tensor below, Tensor skip)
        {
            using var scope = new TensorScope();
            var enlarged = Grown(enlarge.Consume(below), skip);
            var joined = Aten.Cat([Cropped(skip, enlarged), enlarged], 1);
            skip.Dispose();
            enlarged.Dispose();
            return scope.Keep(convolutions.Consume(joined));
        }

        // Odd sizes lose a row or column in the pooling: zeros take their place.
        private static Tensor Grown(Tensor map, Tensor skip)
        {
            var (rows, columns) = (skip.Shape[2] - map.Shape[2], skip.Shape[3] - map.Shape[3]);
            return rows is 0 or > 1 && columns is 0 or > 1 ? map : map.ConstantPadNd([0, columns == 1 ? 1 : 0, 0, rows == 1 ? 1 : 0]);
        }

        // Convolutions without padding lose a border, so the middle of the skip remains.
        private static Tensor Cropped(Tensor skip, Tensor map)
        {
            var (rows, columns) = (map.Shape[2], map.Shape[3]);
            if (skip.Shape[2] == rows && skip.Shape[3] == columns)
                return skip;
            return skip.Narrow(2, (skip.Shape[2] - rows) / 2, rows).Narrow(3, (skip.Shape[3] - columns) / 2, columns);
        }
    }
}

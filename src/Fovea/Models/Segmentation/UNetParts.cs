using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Models.Segmentation;

/// <summary>What a U-Net is made of.</summary>
internal static class UNetParts
{
    /// <summary>A layer under a name.</summary>
    public static Sequential One(string name, Layer layer) => new([KeyValuePair.Create(name, layer)]);

    /// <summary>Two 3x3 convolutions with what the options put around them; keys <c>double_conv</c>, <c>shortcut</c>, <c>gate</c>.</summary>
    public static Layer Level(int inChannels, int outChannels, UNetOptions options, int padding)
    {
        var layers = new Sequential();
        for (var i = 0; i < 2; i++)
        {
            layers.Add(new Conv2d(i == 0 ? inChannels : outChannels, outChannels, 3, padding: padding, hasBias: options.HasConvolutionBias ?? options.Norm == NormKind.None));
            if (options.Norm != NormKind.None)
                layers.Add(options.Norm.Of(outChannels));
            if (i == 0 || !options.IsResidual)
                layers.Add(new ReLU(inPlace: true));
        }

        var level = options.IsResidual ? new Sequential([KeyValuePair.Create<string, Layer>("residual", new UNetResidual(layers, inChannels, outChannels, options.Norm))]) : One("double_conv", layers);
        if (options.Gate != MapGate.None)
            level.Add("gate", new ConcurrentExcitation(outChannels, options.Gate));
        return level;
    }

    /// <summary>Section 3.1: normal with standard deviation √(2/N), N the inputs that feed one output.</summary>
    public static void Initialise(Module network)
    {
        foreach (var (_, module) in network.NamedModules())
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
}

/// <summary>Convolutions whose input is added to what they give, then the ReLU.</summary>
internal sealed class UNetResidual : Layer
{
    private readonly Sequential main;
    private readonly Sequential? shortcut;
    private readonly ReLU relu = new(inPlace: true);

    public UNetResidual(Sequential main, int inChannels, int outChannels, NormKind norm)
    {
        this.main = Child("double_conv", main);
        if (inChannels != outChannels)
            shortcut = Child("shortcut", new Sequential(new Conv2d(inChannels, outChannels, 1, hasBias: norm == NormKind.None), norm.Of(outChannels)));
    }

    protected override Tensor Compute(Tensor input) => relu.Consume(main.Forward(input).Add(shortcut?.Forward(input) ?? input));
}

/// <summary>A level of the way up.</summary>
internal sealed class UNetUpBlock : SingleOutputModule
{
    private readonly Layer enlarge;
    private readonly AttentionGate? attention;
    private readonly Layer convolutions;

    public UNetUpBlock(int channels, UNetOptions options, int padding)
    {
        enlarge = Child("up", Enlargement(channels, options.Upsampling));
        attention = options.HasAttentionGates ? Child("attention", new AttentionGate(channels / 2, options.Norm)) : null;
        convolutions = Child("conv", UNetParts.Level(channels, channels / 2, options, padding));
    }

    /// <summary>Takes the skip: it is freed.</summary>
    public Tensor Apply(Tensor below, Tensor skip) => Observed(below, _ =>
    {
        var enlarged = Grown(enlarge.Forward(below), skip);
        var cropped = Cropped(skip, enlarged);
        var joined = Aten.Cat([attention?.Apply(enlarged, cropped) ?? cropped, enlarged], 1);
        skip.Dispose();
        enlarged.Dispose();
        return convolutions.Consume(joined);
    });

    private static Layer Enlargement(int channels, UpsamplingKind kind) => kind == UpsamplingKind.Transposed
        ? new ConvTranspose2d(channels, channels / 2, 2, stride: 2)
        : new Sequential(Upsample.By(2, kind == UpsamplingKind.Bilinear ? UpsampleMode.Linear : UpsampleMode.Nearest), new Conv2d(channels, channels / 2, 3, padding: 1));

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

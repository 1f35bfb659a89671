using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Models.Segmentation;

/// <summary>
/// Figure 2b of the ENet paper at one resolution: to a quarter of the channels, a 3x3 convolution (or its taps further apart, or
/// a 5x1 and a 1x5), back to all channels, added to the input.
/// </summary>
internal sealed class ENetBottleneck : Layer
{
    private readonly Sequential reduce;
    private readonly Sequential middle;
    private readonly Sequential expand;
    private readonly Dropout2d dropout;
    private readonly Layer activation;

    public ENetBottleneck(int channels, double dropped, Func<Layer> activations, int dilation = 1, bool isAsymmetric = false)
    {
        var inner = channels / ENetParts.Ratio;
        reduce = Child("ext_conv1", ENetParts.Normed(new Conv2d(channels, inner, 1, hasBias: false), activations));
        middle = Child("ext_conv2", isAsymmetric
            ? ENetParts.Normed(new Conv2d(inner, inner, (5, 1), padding: (2, 0), hasBias: false), activations)
            : ENetParts.Normed(new Conv2d(inner, inner, 3, padding: dilation, dilation: dilation, hasBias: false), activations));
        if (isAsymmetric)
            ENetParts.AddNormed(middle, new Conv2d(inner, inner, (1, 5), padding: (0, 2), hasBias: false), activations);
        expand = Child("ext_conv3", ENetParts.Normed(new Conv2d(inner, channels, 1, hasBias: false), activations));
        dropout = Child("ext_regul", new Dropout2d(dropped));
        activation = Child("out_activation", activations());
    }

    protected override Tensor Compute(Tensor input) =>
        activation.Consume(dropout.Consume(expand.Consume(middle.Consume(reduce.Forward(input)))).Add(input));
}

/// <summary>Figure 2b where the resolution is halved: beside the convolutions a pooling, whose maxima's positions are given too.</summary>
internal sealed class ENetDownsampling : SingleOutputModule
{
    private readonly MaxPool2d pool = new(2);
    private readonly int added;
    private readonly Sequential reduce;
    private readonly Sequential middle;
    private readonly Sequential expand;
    private readonly Dropout2d dropout;
    private readonly Layer activation;

    public ENetDownsampling(int inChannels, int outChannels, double dropped, Func<Layer> activations)
    {
        var inner = inChannels / ENetParts.Ratio;
        added = outChannels - inChannels;
        reduce = Child("ext_conv1", ENetParts.Normed(new Conv2d(inChannels, inner, 2, stride: 2, hasBias: false), activations));
        middle = Child("ext_conv2", ENetParts.Normed(new Conv2d(inner, inner, 3, padding: 1, hasBias: false), activations));
        expand = Child("ext_conv3", ENetParts.Normed(new Conv2d(inner, outChannels, 1, hasBias: false), activations));
        dropout = Child("ext_regul", new Dropout2d(dropped));
        activation = Child("out_activation", activations());
    }

    /// <summary>Takes the input: it is freed.</summary>
    public (Tensor Output, Tensor Indices) Apply(Tensor input)
    {
        Tensor? positions = null;
        var output = Observed(input, scope =>
        {
            var (main, indices) = pool.ForwardWithIndices(input);
            positions = scope.Keep(indices);
            var branch = dropout.Consume(expand.Consume(middle.Consume(reduce.Consume(input))));
            // The channels that the pooling lacks are zeros.
            return activation.Consume(branch.Add(main.ConstantPadNd([0, 0, 0, 0, 0, added])));
        });
        return (output, positions!);
    }
}

/// <summary>Figure 2b where the resolution is doubled: beside the convolutions the values go back to where the maxima were.</summary>
internal sealed class ENetUpsampling : SingleOutputModule
{
    private readonly Sequential main;
    private readonly MaxUnpool2d unpool = new(2);
    private readonly Sequential reduce;
    private readonly ConvTranspose2d enlarge;
    private readonly BatchNorm2d enlargedNorm;
    private readonly Layer enlargedActivation;
    private readonly Sequential expand;
    private readonly Dropout2d dropout;
    private readonly Layer activation;

    public ENetUpsampling(int inChannels, int outChannels, double dropped, Func<Layer> activations)
    {
        var inner = inChannels / ENetParts.Ratio;
        main = Child("main_conv1", new Sequential(new Conv2d(inChannels, outChannels, 1, hasBias: false), new BatchNorm2d(outChannels)));
        reduce = Child("ext_conv1", ENetParts.Normed(new Conv2d(inChannels, inner, 1, hasBias: false), activations));
        enlarge = Child("ext_tconv1", new ConvTranspose2d(inner, inner, 2, stride: 2, hasBias: false));
        enlargedNorm = Child("ext_tconv1_bnorm", new BatchNorm2d(inner));
        enlargedActivation = Child("ext_tconv1_activation", activations());
        expand = Child("ext_conv2", ENetParts.Normed(new Conv2d(inner, outChannels, 1, hasBias: false), activations));
        dropout = Child("ext_regul", new Dropout2d(dropped));
        activation = Child("out_activation", activations());
    }

    /// <summary>Takes both tensors: they are freed.</summary>
    public Tensor Apply(Tensor input, Tensor indices) => Observed(input, _ =>
    {
        var (height, width) = (2 * input.Shape[2], 2 * input.Shape[3]);
        var back = unpool.Forward(main.Forward(input), indices, new Extent(height, width));
        indices.Dispose();
        var enlarged = enlargedActivation.Consume(enlargedNorm.Consume(enlarge.Consume(reduce.Consume(input))));
        return activation.Consume(dropout.Consume(expand.Consume(enlarged)).Add(back));
    });
}

/// <summary>What the blocks are made of.</summary>
internal static class ENetParts
{
    /// <summary>Channels of a block for each of its 3x3 convolution.</summary>
    public const int Ratio = 4;

    /// <summary>A convolution, its norm and an activation.</summary>
    public static Sequential Normed(Conv2d convolution, Func<Layer> activations)
    {
        var layers = new Sequential();
        AddNormed(layers, convolution, activations);
        return layers;
    }

    /// <summary>Appends a convolution, its norm and an activation.</summary>
    public static void AddNormed(Sequential layers, Conv2d convolution, Func<Layer> activations)
    {
        layers.Add(convolution);
        layers.Add(new BatchNorm2d(convolution.OutChannels));
        layers.Add(activations());
    }
}

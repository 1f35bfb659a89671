using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Models.Backbones;

/// <summary>How a <see cref="ResNet"/> is put together.</summary>
public sealed record ResNetOptions
{
    /// <summary>Makes the normalisation of a number of channels; batch normalisation when left out.</summary>
    public Func<int, Layer> Norm { get; init; } = static channels => new BatchNorm2d(channels);

    /// <summary>Channels of the images.</summary>
    public int InChannels { get; init; } = 3;

    /// <summary>
    /// For the second, third and fourth stage whether it keeps its resolution and spreads its kernels instead of stepping;
    /// its first block still has the spread of the stage before.
    /// </summary>
    public (bool Second, bool Third, bool Fourth) DilateInsteadOfStride { get; init; }

    /// <summary>Whether every block starts as the identity: its last scale is zero (He et al. 2019). The norm must have a scale.</summary>
    public bool ZeroInitLastNorm { get; init; }
}

/// <summary>
/// Deep Residual Learning for Image Recognition (He, Zhang, Ren, Sun, CVPR 2016), table 1 without the classifier: blocks
/// add what they compute to their input, so that depth does not stop gradients. Bottlenecks step in their 3x3 convolution,
/// as torchvision's do. Gives C2 to C5 at strides 4, 8, 16, 32. Keys <c>conv1</c>, <c>bn1</c>, <c>layer1</c> to <c>layer4</c>.
/// </summary>
public sealed class ResNet : Backbone
{
    private readonly Conv2d conv1;
    private readonly Layer bn1;
    private readonly ConvolutionNorm stem;
    private readonly ReLU relu = new(inPlace: true);
    private readonly MaxPool2d pool = new(3, stride: 2, padding: 1);
    private readonly Sequential[] layers = new Sequential[4];
    private readonly FeatureInfo[] features = new FeatureInfo[4];

    private ResNet(bool bottleneck, ReadOnlySpan<int> blocks, ResNetOptions options)
    {
        conv1 = Child("conv1", new Conv2d(options.InChannels, 64, 7, stride: 2, padding: 3, hasBias: false));
        bn1 = Child("bn1", options.Norm(64));
        stem = Pair(conv1, bn1);
        bool[] dilate = [false, options.DilateInsteadOfStride.Second, options.DilateInsteadOfStride.Third, options.DilateInsteadOfStride.Fourth];
        var (channels, stride, dilation) = (64, 4, 1);
        for (var stage = 0; stage < 4; stage++)
        {
            var width = 64 << stage;
            var step = stage == 0 || dilate[stage] ? 1 : 2;
            var firstDilation = dilation;
            if (dilate[stage])
                dilation *= 2;
            stride *= step;
            var name = $"layer{stage + 1}";
            layers[stage] = Child(name, new Sequential());
            for (var block = 0; block < blocks[stage]; block++)
            {
                layers[stage].Add(bottleneck
                    ? new ResNetBottleneck(channels, width, block == 0 ? step : 1, block == 0 ? firstDilation : dilation, options.Norm)
                    : new ResNetBasicBlock(channels, width, block == 0 ? step : 1, block == 0 ? firstDilation : dilation, options.Norm));
                channels = bottleneck ? width * ResNetBottleneck.Expansion : width;
            }

            features[stage] = new FeatureInfo(name, channels, stride);
        }

        Initialise(options.ZeroInitLastNorm);
    }

    /// <inheritdoc/>
    public override int InChannels => conv1.InChannels;

    /// <inheritdoc/>
    public override IReadOnlyList<FeatureInfo> Features => features;

    /// <summary>The network of a published depth.</summary>
    /// <param name="depth">18, 34, 50, 101 or 152.</param>
    /// <param name="options">How it is put together; torchvision's way when null.</param>
    /// <exception cref="FoveaException">No network of this depth was published.</exception>
    public static ResNet OfDepth(int depth, ResNetOptions? options = null) => depth switch
    {
        18 => new ResNet(false, [2, 2, 2, 2], options ?? new()),
        34 => new ResNet(false, [3, 4, 6, 3], options ?? new()),
        50 => new ResNet(true, [3, 4, 6, 3], options ?? new()),
        101 => new ResNet(true, [3, 4, 23, 3], options ?? new()),
        152 => new ResNet(true, [3, 8, 36, 3], options ?? new()),
        _ => throw new FoveaException($"ResNet: found depth {depth}, expected 18, 34, 50, 101 or 152"),
    };

    /// <inheritdoc/>
    public override IReadOnlyList<Tensor> Forward(Tensor images, params ReadOnlySpan<int> stages)
    {
        ReadOnlySpan<int> wanted = stages.Length == 0 ? [0, 1, 2, 3] : stages;
        var results = new Tensor[wanted.Length];
        using var scope = new TensorScope();
        var current = pool.Consume(relu.Consume(stem.Forward(images)));
        var last = 0;
        foreach (var stage in wanted)
            last = Math.Max(last, stage);
        for (var stage = 0; stage <= last; stage++)
        {
            var isWanted = stage > 0 && wanted.Contains(stage - 1);
            current = isWanted ? layers[stage].Forward(current) : layers[stage].Consume(current);
            for (var i = 0; i < wanted.Length; i++)
            {
                if (wanted[i] == stage)
                    results[i] = scope.Keep(current);
            }
        }

        return results;
    }

    /// <summary>
    /// Freezes all but the last stages, as torchvision's detectors do: 0 freezes everything, 3 leaves <c>layer2</c> to
    /// <c>layer4</c>, 5 freezes nothing.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Not 0 to 5.</exception>
    public void TrainOnlyLast(int stages)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(stages);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(stages, 5);
        for (var stage = 0; stage < 4; stage++)
            layers[stage].Freeze(4 - stage > stages);
        conv1.Freeze(stages < 5);
        bn1.Freeze(stages < 5);
    }

    private void Initialise(bool zeroInitLastNorm)
    {
        foreach (var (_, module) in NamedModules())
        {
            if (module is Conv2d convolution)
                Init.KaimingNormal(convolution.Weight, fanOut: true);
            else if (zeroInitLastNorm && module is ResNetBlock)
                Init.Constant(module.Children.Last(c => c.Key.StartsWith("bn", StringComparison.Ordinal)).Value.StateDict().First(t => t.Key == "weight").Value, 0);
        }
    }
}

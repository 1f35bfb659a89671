using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Models.Backbones;

/// <summary>How a <see cref="ResNet"/> is put together.</summary>
public sealed record ResNetOptions
{
    /// <summary>Makes the normalisation of a number of channels; batch normalisation when left out.</summary>
    public Func<int, Layer> Norm { get; init; } = static channels => new BatchNorm2d(channels);

    /// <summary>What follows the norms.</summary>
    public ActivationKind Activation { get; init; } = ActivationKind.Relu;

    /// <summary>Channels of the images.</summary>
    public int InChannels { get; init; } = 3;

    /// <summary>What the images go through before the first stage.</summary>
    public ResNetStem Stem { get; init; }

    /// <summary>
    /// For the second, third and fourth stage whether it keeps its resolution and spreads its kernels instead of stepping;
    /// its first block still has the spread of the stage before, unless <see cref="DilatesFirstBlock"/> says otherwise.
    /// </summary>
    public (bool Second, bool Third, bool Fourth) DilateInsteadOfStride { get; init; }

    /// <summary>Whether the first block of a stage spreads its kernels as the others do, as the dilated networks of papers; torchvision's does not.</summary>
    public bool DilatesFirstBlock { get; init; }

    /// <summary>Whether every block starts as the identity: its last scale is zero (He et al. 2019). The norm must have a scale.</summary>
    public bool ZeroInitLastNorm { get; init; }

    /// <summary>How the input gets past a block that changes the shape.</summary>
    public ResNetShortcut Shortcut { get; init; } = ResNetShortcut.Projection;

    /// <summary>Groups of the 3x3 convolution of a bottleneck (the cardinality of Xie et al. 2017).</summary>
    public int Groups { get; init; } = 1;

    /// <summary>Channels of each group of the 3x3 convolution in the first stage; 64 in one group is He et al.'s.</summary>
    public int WidthPerGroup { get; init; } = 64;

    /// <summary>Whether the first stage steps as the others do, so that every map has half the resolution of the published one.</summary>
    public bool StepsInFirstStage { get; init; }

    /// <summary>What follows the sum of a block; null for the same as after the norms.</summary>
    public ActivationKind? SumActivation { get; init; }

    /// <summary>Makes what weighs the channels that a block computed, before they are added to its input; nothing when null.</summary>
    public Func<int, Layer>? Gate { get; init; }

    /// <summary>
    /// Share of the cells that the maps of the last stage lose in square blocks while training, behind every convolution and on the way past
    /// every block; those of the stage before lose a quarter of it (Ghiasi et al. 2018). 0 leaves all.
    /// </summary>
    public double DropBlock { get; init; }

    /// <summary>Side of those blocks, cells; odd.</summary>
    public int DropBlockSize { get; init; } = 7;

    /// <summary>Whether the map before the first pool, at stride 2, is the first of <see cref="Backbone.Features"/>, as encoders with skips want.</summary>
    public bool GivesStem { get; init; }

    /// <summary>
    /// Whether it is laid out as the networks that Caffe trained: the stem under <c>layer0</c>, its pool without padding but
    /// over the edge, gates called <c>se_module</c>, and bottlenecks of one group step in their first convolution. Otherwise as torchvision and timm.
    /// </summary>
    public bool CaffeLayout { get; init; }

    /// <summary>The options for the blocks of a stage, counted from the last: 0 is that.</summary>
    internal ResNetOptions Behind(int stages) => this with { DropBlock = stages switch { 0 => DropBlock, 1 => DropBlock / 4, _ => 0 } };

    /// <summary>The same network as a backbone of the catalogue.</summary>
    internal ResNetOptions As(BackboneOptions options) => this with
    {
        InChannels = options.InChannels,
        GivesStem = true,
        DilateInsteadOfStride = (false, options.OutputStride == 8, options.OutputStride is 8 or 16),
        DilatesFirstBlock = options.OutputStride is 8 or 16,
    };
}

/// <summary>
/// Deep Residual Learning for Image Recognition (He, Zhang, Ren, Sun, CVPR 2016), table 1 without the classifier: blocks
/// add what they compute to their input, so that depth does not stop gradients. Bottlenecks step in their 3x3 convolution,
/// as torchvision's do. Gives C2 to C5 at strides 4, 8, 16, 32, if asked for also the map at stride 2. Keys <c>conv1</c>, <c>bn1</c>, <c>layer1</c> to <c>layer4</c>.
/// </summary>
public sealed class ResNet : Backbone
{
    private readonly Sequential stem;
    private readonly Sequential[] layers = new Sequential[4];
    private readonly List<Layer> stages = [];
    private readonly List<FeatureInfo> features = [];
    private readonly bool givesStem;

    private ResNet(bool bottleneck, ReadOnlySpan<int> blocks, ResNetOptions options)
    {
        InChannels = options.InChannels;
        var (stemName, stemLayers, channels) = ResNetStems.Create(options);
        stem = Child(stemName, stemLayers);
        givesStem = options.GivesStem;
        if (givesStem)
            AddStem(options.CaffeLayout ? "layer0.relu" : "relu", channels);
        bool[] dilate = [false, options.DilateInsteadOfStride.Second, options.DilateInsteadOfStride.Third, options.DilateInsteadOfStride.Fourth];
        var (stride, dilation) = (4, 1);
        for (var stage = 0; stage < 4; stage++)
        {
            var width = 64 << stage;
            var step = (stage == 0 && !options.StepsInFirstStage) || dilate[stage] ? 1 : 2;
            var before = dilation;
            if (dilate[stage])
                dilation *= 2;
            var firstDilation = options.DilatesFirstBlock ? dilation : before;
            stride *= step;
            var name = $"layer{stage + 1}";
            layers[stage] = Child(name, new Sequential());
            var own = options.Behind(3 - stage);
            for (var block = 0; block < blocks[stage]; block++)
            {
                layers[stage].Add(bottleneck
                    ? new ResNetBottleneck(channels, width, block == 0 ? step : 1, block == 0 ? firstDilation : dilation, own)
                    : new ResNetBasicBlock(channels, width, block == 0 ? step : 1, block == 0 ? firstDilation : dilation, own));
                channels = bottleneck ? width * ResNetBottleneck.Expansion : width;
            }

            stages.Add(givesStem && stage == 0 ? new Sequential(stem[^1], layers[0]) : layers[stage]);
            features.Add(new FeatureInfo(name, channels, stride));
        }

        ResNetBlock.Initialise(this, options.ZeroInitLastNorm);
    }

    /// <inheritdoc/>
    public override int InChannels { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<FeatureInfo> Features => features;

    /// <summary>The network of a published depth.</summary>
    /// <param name="depth">18, 34, 50, 101 or 152.</param>
    /// <param name="options">How it is put together; torchvision's way when null.</param>
    /// <exception cref="FoveaException">No network of this depth was published, or basic blocks are asked for groups or a width.</exception>
    public static ResNet OfDepth(int depth, ResNetOptions? options = null) => depth switch
    {
        18 or 34 when options is { Groups: not 1 } or { WidthPerGroup: not 64 } => throw new FoveaException(
            $"ResNet-{depth}: found {options.Groups} groups of {options.WidthPerGroup} channels, expected 1 of 64; only the bottlenecks of depth 50 and more have groups"),
        18 => new ResNet(false, [2, 2, 2, 2], options ?? new()),
        34 => new ResNet(false, [3, 4, 6, 3], options ?? new()),
        50 => new ResNet(true, [3, 4, 6, 3], options ?? new()),
        101 => new ResNet(true, [3, 4, 23, 3], options ?? new()),
        152 => new ResNet(true, [3, 8, 36, 3], options ?? new()),
        _ => throw new FoveaException($"ResNet: found depth {depth}, expected 18, 34, 50, 101 or 152"),
    };

    /// <inheritdoc/>
    public override IReadOnlyList<Tensor> Forward(Tensor images, params ReadOnlySpan<int> stages) => RunStages(givesStem ? null : stem, this.stages, images, stages);

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
        stem.Freeze(stages < 5);
    }

    private void AddStem(string name, int channels)
    {
        // Runs of the stem's layers, which owns them.
        stages.Add(new Sequential(stem.Children.SkipLast(1).Select(static child => KeyValuePair.Create(child.Key, (Layer)child.Value))));
        features.Add(new FeatureInfo(name, channels, 2));
    }
}

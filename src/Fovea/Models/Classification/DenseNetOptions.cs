namespace Fovea.Models.Classification;

/// <summary>How a <see cref="DenseNet"/> is put together; what is not given is as in the paper's ImageNet networks.</summary>
public sealed record DenseNetOptions
{
    /// <summary>Layers of each dense block.</summary>
    public required IReadOnlyList<int> Blocks { get; init; }

    /// <summary>Channels that every layer adds, k.</summary>
    public int GrowthRate { get; init; } = 32;

    /// <summary>Channels of the first convolution.</summary>
    public int InitialChannels { get; init; } = 64;

    /// <summary>Output of a layer's 1x1 convolution in multiples of the growth rate; 0 for layers without one, which are not DenseNet-B's.</summary>
    public int BottleneckFactor { get; init; } = 4;

    /// <summary>Share of the channels that a transition keeps, θ: above 0, at most 1; below 1 it is DenseNet-C.</summary>
    public double Compression { get; init; } = 0.5;

    /// <summary>Share of every layer's new values dropped in training.</summary>
    public double Dropout { get; init; }

    /// <summary>Whether it begins with a 3x3 convolution alone, for pictures of 32 pixels, not with one of 7x7 and a pool.</summary>
    public bool SmallImages { get; init; }

    /// <summary>What normalises the maps before every convolution.</summary>
    public NormKind Norm { get; init; } = NormKind.Batch;

    /// <summary>What follows every norm.</summary>
    public ActivationKind Activation { get; init; } = ActivationKind.Relu;

    /// <summary>A network of the paper's section 4.2 for CIFAR and SVHN: three equal blocks.</summary>
    /// <param name="depth">Layers with weights, L.</param>
    /// <param name="growthRate">Channels that every layer adds, k.</param>
    /// <param name="bottleneck">Whether every layer has a 1x1 convolution first (B).</param>
    /// <param name="compression">Share of the channels that a transition keeps; 0.5 in the paper's C.</param>
    /// <exception cref="FoveaException">The depth does not come to equal blocks.</exception>
    public static DenseNetOptions ForCifar(int depth, int growthRate, bool bottleneck, double compression)
    {
        var step = bottleneck ? 6 : 3;
        if (depth < 4 + step || (depth - 4) % step != 0)
            throw new FoveaException($"CIFAR DenseNet: found depth {depth}, expected {step}n + 4, three blocks of n layers");
        var layers = (depth - 4) / step;
        return new DenseNetOptions
        {
            Blocks = [layers, layers, layers], GrowthRate = growthRate, BottleneckFactor = bottleneck ? 4 : 0, Compression = compression, SmallImages = true,
            InitialChannels = bottleneck ? 2 * growthRate : 16,
        };
    }
}

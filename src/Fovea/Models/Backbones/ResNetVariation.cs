using Fovea.Models.Classification;

namespace Fovea.Models.Backbones;

/// <summary>What papers vary of residual networks; <see cref="ResNetOptions"/> is what they are built with.</summary>
public record ResNetVariation
{
    /// <summary>What He et al.'s networks for ImageNet are made with.</summary>
    public static ResNetVariation Published { get; } = new();

    /// <summary>How the input gets past a block that changes the shape: A, B and C of He et al. are <c>zero_padding</c>, <c>projection</c> and <c>projection_everywhere</c>.</summary>
    public ResNetShortcut Shortcut { get; init; } = ResNetShortcut.Projection;

    /// <summary>What normalises the maps.</summary>
    public NormKind Norm { get; init; } = NormKind.Batch;

    /// <summary>What follows the norms, and the sum of a block.</summary>
    public ActivationKind Activation { get; init; } = ActivationKind.Relu;

    /// <summary>Whether every block starts as the identity: its last scale is zero (Goyal et al. 2017).</summary>
    public bool ZeroInitLastNorm { get; init; }

    /// <summary>
    /// Share of the cells that the maps of the last stage lose in square blocks at the end of the training, 0 to less than 1; it rises to that
    /// from none, and is a quarter of it in the stage before (Ghiasi et al., "DropBlock", 2018: 0.1 for ResNet-50).
    /// </summary>
    public double DropBlock { get; init; }

    /// <summary>Side of those blocks, cells; odd. 7 for pictures of 224 pixels.</summary>
    public int DropBlockSize { get; init; } = 7;

    /// <summary>The options of a network that is varied so.</summary>
    /// <param name="options">The published network's.</param>
    /// <exception cref="FoveaException">The last scale of every block is to be zero, but there are no norms; or the share or size of the blocks to drop is none.</exception>
    internal virtual ResNetOptions Apply(ResNetOptions options)
    {
        if (ZeroInitLastNorm && Norm == NormKind.None)
            throw new FoveaException("ResNet: found no norms, expected some, whose last scale in every block starts at zero; choose a norm or leave zero_init_last_norm");
        if (!(DropBlock is >= 0 and < 1))
            throw new FoveaException(FormattableString.Invariant($"ResNet: found drop_block {DropBlock}, expected 0 to less than 1"));
        if (DropBlockSize < 1 || DropBlockSize % 2 == 0)
            throw new FoveaException($"ResNet: found drop_block_size {DropBlockSize}, expected an odd number of at least 1");
        return options with
        {
            Shortcut = Shortcut, Norm = channels => Norm.Of(channels), Activation = Activation, ZeroInitLastNorm = ZeroInitLastNorm,
            DropBlock = DropBlock, DropBlockSize = DropBlockSize,
        };
    }
}

/// <summary>What papers vary of <see cref="SEResNet"/>.</summary>
public sealed record SEResNetVariation : ResNetVariation
{
    /// <summary>What the published networks are made with.</summary>
    public static new SEResNetVariation Published { get; } = new();

    /// <summary>By how much channels are squeezed before they are weighed; 16 in the paper, whose table 10 has 2 to 32.</summary>
    public int SqueezeRatio { get; init; } = 16;

    /// <inheritdoc/>
    internal override ResNetOptions Apply(ResNetOptions options) => base.Apply(options) with { Gate = SEResNet.Gate(options.CaffeLayout, SqueezeRatio) };
}

using Fovea.Torch.Nn;

namespace Fovea.Models.Backbones;

/// <summary>What images go through before the first stage of a <see cref="ResNet"/>.</summary>
public enum ResNetStem
{
    /// <summary>One 7x7 convolution to 64 channels, as in the paper. Keys <c>conv1</c>, <c>bn1</c>.</summary>
    Single,

    /// <summary>Three 3x3 convolutions to 64, 64 and 128 channels, which see as far and tell more (He et al. 2019). Keys <c>conv1.0</c> to <c>conv1.6</c>, <c>bn1</c>.</summary>
    Deep,

    /// <summary>The deep stem under the numbers of semseg's networks. Keys <c>layer0.0</c> to <c>layer0.7</c>.</summary>
    NumberedDeep,
}

/// <summary>Builds the stems.</summary>
internal static class ResNetStems
{
    private const int Width = 64;

    /// <summary>The stem with its pool, the name it stands under, and its channels.</summary>
    public static (string Name, Sequential Layers, int Channels) Create(ResNetOptions options)
    {
        var pool = options.CaffeLayout ? new MaxPool2d(3, stride: 2, ceilMode: true) : new MaxPool2d(3, stride: 2, padding: 1);
        if (options.Stem == ResNetStem.NumberedDeep)
            return ("layer0", new Sequential([.. Deep(options), options.Norm(2 * Width), options.Activation.Make(), pool]), 2 * Width);
        var isDeep = options.Stem == ResNetStem.Deep;
        var channels = isDeep ? 2 * Width : Width;
        Layer convolution = isDeep ? new Sequential(Deep(options)) : new Conv2d(options.InChannels, Width, 7, stride: 2, padding: 3, hasBias: false);
        return (options.CaffeLayout ? "layer0" : "", new Sequential(
        [
            KeyValuePair.Create("conv1", convolution),
            KeyValuePair.Create("bn1", options.Norm(channels)),
            KeyValuePair.Create("relu", options.Activation.Make()),
            KeyValuePair.Create<string, Layer>("maxpool", pool),
        ]), channels);
    }

    private static Layer[] Deep(ResNetOptions options) =>
    [
        new Conv2d(options.InChannels, Width, 3, stride: 2, padding: 1, hasBias: false), options.Norm(Width), options.Activation.Make(),
        new Conv2d(Width, Width, 3, padding: 1, hasBias: false), options.Norm(Width), options.Activation.Make(),
        new Conv2d(Width, 2 * Width, 3, padding: 1, hasBias: false),
    ];
}

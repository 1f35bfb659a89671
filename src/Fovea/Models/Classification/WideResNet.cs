using Fovea.Models.Backbones;

namespace Fovea.Models.Classification;

/// <summary>
/// Wide Residual Networks (Zagoruyko, Komodakis, BMVC 2016): fewer and wider blocks learn as well as many thin ones, and
/// processors run them faster. Here, as in section 3.4 for ImageNet, <see cref="ResNet"/> with 3x3 convolutions of twice the channels.
/// </summary>
public static class WideResNet
{
    /// <summary>The networks that torchvision has weights of.</summary>
    public static IReadOnlyList<ModelEntry> Entries { get; } = [Entry(50, 68_883_240), Entry(101, 126_886_696)];

    private static ModelEntry Entry(int depth, long parameters) => new(
        $"wide_resnet{depth}_2", ModelTask.Classification, "Zagoruyko and Komodakis, Wide Residual Networks", 2016, 1000, parameters,
        options => ResNetClassifier.Build(depth, new ResNetOptions { WidthPerGroup = 128 }, options, ResNetVariation.Published))
    {
        Variation = ResNetVariation.Published,
        Backbone = options => ResNet.OfDepth(depth, new ResNetOptions { WidthPerGroup = 128 }.As(options)),
    };
}

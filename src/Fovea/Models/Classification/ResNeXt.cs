using Fovea.Models.Backbones;

namespace Fovea.Models.Classification;

/// <summary>
/// Aggregated Residual Transformations for Deep Neural Networks (Xie, Girshick, Dollár, Tu, He, CVPR 2017): a block is the sum
/// of many equal small paths, which is a bottleneck with a grouped 3x3 convolution (figure 3c); more paths help more than more
/// depth or width. "32x4d" is 32 groups of 4 channels in the first stage.
/// </summary>
public static class ResNeXt
{
    /// <summary>The networks that torchvision has weights of.</summary>
    public static IReadOnlyList<ModelEntry> Entries { get; } =
    [
        Entry(50, 32, 4, 25_028_904), Entry(101, 32, 8, 88_791_336), Entry(101, 64, 4, 83_455_272),
    ];

    private static ModelEntry Entry(int depth, int groups, int width, long parameters) => new(
        $"resnext{depth}_{groups}x{width}d", ModelTask.Classification, "Xie et al., Aggregated Residual Transformations for Deep Neural Networks", 2017, 1000, parameters,
        options => ResNetClassifier.Build(depth, new ResNetOptions { Groups = groups, WidthPerGroup = width }, options, ResNetVariation.Published))
    {
        Variation = ResNetVariation.Published,
        Backbone = options => ResNet.OfDepth(depth, new ResNetOptions { Groups = groups, WidthPerGroup = width }.As(options)),
    };
}

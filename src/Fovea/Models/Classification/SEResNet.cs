using Fovea.Models.Backbones;

namespace Fovea.Models.Classification;

/// <summary>
/// Squeeze-and-Excitation Networks (Hu, Shen, Sun, CVPR 2018): <see cref="ResNet"/> and ResNeXt whose blocks weigh their
/// channels by <see cref="SqueezeExcitation"/> before they add them, for a hundredth more arithmetic.
/// </summary>
/// <remarks>
/// There are two layouts of the same size: <c>legacy_</c> names the paper's own, trained in Caffe (keys of timm's
/// legacy_seresnet; steps in the first convolution), the others are torchvision's ResNet with gates (keys of timm's seresnet).
/// </remarks>
public static class SEResNet
{
    /// <summary>The published networks in both layouts.</summary>
    public static IReadOnlyList<ModelEntry> Entries { get; } =
    [
        .. Both("seresnet50", 50, 28_088_024), .. Both("seresnet101", 101, 49_326_872), .. Both("seresnet152", 152, 66_821_848),
        .. Both("seresnext50_32x4d", 50, 27_559_896, 32, 4),
    ];

    private static IEnumerable<ModelEntry> Both(string name, int depth, long parameters, int groups = 1, int width = 64)
    {
        var options = new ResNetOptions { Groups = groups, WidthPerGroup = width, Gate = static channels => new SqueezeExcitation(channels) };
        yield return Entry("legacy_" + name, depth, parameters, options with { CaffeLayout = true }, "last_linear");
        yield return Entry(name, depth, parameters, options, "fc");
    }

    private static ModelEntry Entry(string name, int depth, long parameters, ResNetOptions layout, string head) => new(
        name, ModelTask.Classification, "Hu et al., Squeeze-and-Excitation Networks", 2018, 1000, parameters,
        options => new ResNetClassifier(ResNet.OfDepth(depth, layout with { InChannels = options.InChannels }), options.Outputs, head))
    {
        Weights = ["safetensors", "timm .pth"],
        Backbone = options => ResNet.OfDepth(depth, layout.As(options)),
    };
}

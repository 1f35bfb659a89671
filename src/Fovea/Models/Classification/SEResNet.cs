using Fovea.Models.Backbones;
using Fovea.Torch.Nn;

namespace Fovea.Models.Classification;

/// <summary>
/// Squeeze-and-Excitation Networks (Hu, Shen, Sun, CVPR 2018): <see cref="ResNet"/> and ResNeXt whose blocks weigh their
/// channels by <see cref="SqueezeExcitation"/> before they add them, for a hundredth more arithmetic.
/// </summary>
/// <remarks>
/// There are two layouts: <c>legacy_</c> names the paper's own, trained in Caffe (keys of timm's
/// legacy_seresnet; steps in the first convolution, basic blocks rectified before the gate), the others are torchvision's ResNet
/// with gates whose squeezed width is a multiple of 8 (keys of timm's seresnet).
/// </remarks>
public static class SEResNet
{
    /// <summary>The published networks in both layouts.</summary>
    public static IReadOnlyList<ModelEntry> Entries { get; } =
    [
        .. Both("seresnet18", 18, 11_779_624, legacy: 11_778_592), .. Both("seresnet34", 34, 21_960_416, legacy: 21_958_868),
        .. Both("seresnet50", 50, 28_088_024), .. Both("seresnet101", 101, 49_326_872), .. Both("seresnet152", 152, 66_821_848),
        .. Both("seresnext50_32x4d", 50, 27_559_896, groups: 32, width: 4),
    ];

    /// <summary>Makes the gate of a number of channels.</summary>
    /// <param name="isCaffe">Whether the squeezed width is just the share, as in Caffe, not a multiple of 8 too.</param>
    /// <param name="ratio">By how much channels are squeezed.</param>
    internal static Func<int, Layer> Gate(bool isCaffe, int ratio)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(ratio, 1);
        return channels => isCaffe ? new SqueezeExcitation(channels, ratio) : new SqueezeExcitation(channels, (Math.Max(1, channels / ratio) + 7) / 8 * 8, new Sigmoid());
    }

    private static IEnumerable<ModelEntry> Both(string name, int depth, long parameters, long? legacy = null, int groups = 1, int width = 64)
    {
        var options = new ResNetOptions { Groups = groups, WidthPerGroup = width };
        yield return Entry("legacy_" + name, depth, legacy ?? parameters, options with { CaffeLayout = true }, "last_linear");
        yield return Entry(name, depth, parameters, options, "fc");
    }

    private static ModelEntry Entry(string name, int depth, long parameters, ResNetOptions layout, string head) => new(
        name, ModelTask.Classification, "Hu et al., Squeeze-and-Excitation Networks", 2018, 1000, parameters,
        options =>
        {
            var model = ResNetClassifier.Build(depth, layout, options, SEResNetVariation.Published, head);
            // timm shows its own weights 95 % of the shorter side.
            if (!layout.CaffeLayout)
                model.Preprocessing = PublishedInput.CentreBicubic(options.InChannels, 224, 235);
            return model;
        })
    {
        Weights = ["safetensors", "timm .pth"],
        Variation = SEResNetVariation.Published,
        Backbone = options => ResNet.OfDepth(depth, SEResNetVariation.Published.Apply(layout).As(options)),
    };
}

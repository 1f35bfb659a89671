namespace Fovea.Models.Detection;

/// <summary>
/// Mask R-CNN (He, Gkioxari, Dollár, Girshick, 2017): <see cref="FasterRcnn"/> with RoIAlign instead of RoIPool and a third
/// branch that predicts a mask in each box, for its class alone. Layout and keys of torchvision's <c>maskrcnn_resnet50_fpn</c>.
/// </summary>
public static class MaskRcnn
{
    private const int PooledBins = 14;
    private const int Depth = 4;
    private const string Paper = "He et al., Mask R-CNN";

    /// <summary>The catalogue's members. Outputs count background: 91 for COCO's raw numbers.</summary>
    public static IReadOnlyList<ModelEntry> Entries { get; } = [Entry(18, 31_385_713), Entry(34, 41_493_873), Entry(50, 44_454_513)];

    /// <summary>torchvision's network on a ResNet, of the options' sizes.</summary>
    /// <param name="depth">Depth of the ResNet.</param>
    /// <param name="options">Class count with background, input channels, and what differs from the published network.</param>
    public static FasterRcnn WithResNet(int depth, ModelOptions options) => FasterRcnn.Build(depth, options, withMasks: true);

    /// <summary>The mask branch: 14 x 14 regions, four convolutions, 28 x 28 masks.</summary>
    /// <param name="channels">Channels of the pyramid and of the branch.</param>
    /// <param name="strides">Strides of the levels that regions are read from.</param>
    /// <param name="outputs">Classes with background.</param>
    public static MaskBranch Branch(int channels, IReadOnlyList<int> strides, int outputs) =>
        new(new PyramidPooler(strides, PooledBins), new MaskHead(channels, Depth), new MaskPredictor(channels, outputs));

    private static ModelEntry Entry(int depth, long parameters) => new(
        $"maskrcnn_resnet{depth}_fpn", ModelTask.Instance, Paper, 2017, 91, parameters, options => WithResNet(depth, options)) { HasBackground = true, Fit = PublishedKeys.Fit, Variation = DetectorOptions.Published };
}

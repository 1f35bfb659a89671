using Fovea.Models.Backbones;
using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Models.Segmentation;

/// <summary>
/// Pyramid Scene Parsing Network (Zhao, Shi, Qi, Wang, Jia, CVPR 2017) on ResNets with three convolutions as stem: the last two
/// stages keep stride 8 by dilation in every block; means over grids of 1, 2, 3 and 6 cells a side stand beside the map, then a
/// two-layer head. <c>[N, 3, H, W]</c> to <c>[N, K, H, W]</c>; sides of 8·m + 1 fit the enlargement exactly. Training takes two pictures or
/// more. Keys of semseg, the paper's own PyTorch code: <c>layer0</c> to <c>layer4</c>, <c>ppm</c>, <c>cls</c>, <c>aux</c>.
/// </summary>
/// <param name="backbone">The backbone; its last stage is classified, and the one before by the auxiliary head.</param>
/// <param name="classes">Number of classes, K.</param>
/// <param name="hasAuxiliary">Whether there is an auxiliary head, which helps training and takes no part in predictions.</param>
public sealed class PspNet(Backbone backbone, int classes, bool hasAuxiliary = true)
    : BackboneSegmenter(backbone, Head(backbone.Features[^1].Channels, classes), classes, hasAuxiliary, Style)
{
    private const double Dropped = 0.1;

    private static readonly int[] Bins = [1, 2, 3, 6];

    /// <summary>The published depths.</summary>
    public static IReadOnlyList<ModelEntry> Entries { get; } = [Entry(50, 49_081_578), Entry(101, 68_073_706)];

    private static HeadStyle Style => new()
    {
        Backbone = "", Classifier = "", LastLayer = "cls.4.", Auxiliary = "aux", AuxiliaryWeight = 0.4, Dropout = static () => new Dropout2d(Dropped), AlignsCorners = true,
    };

    private static Sequential Head(int channels, int classes)
    {
        var width = channels / Bins.Length;
        return new Sequential(
        [
            KeyValuePair.Create<string, Layer>("ppm", new PyramidPooling(channels, width, Bins)),
            KeyValuePair.Create<string, Layer>("cls", new Sequential(
                new Conv2d(channels + Bins.Length * width, width, 3, padding: 1, hasBias: false), new BatchNorm2d(width), new ReLU(inPlace: true),
                new Dropout2d(Dropped), new Conv2d(width, classes, 1))),
        ]);
    }

    private static ModelEntry Entry(int depth, long parameters) => new(
        $"pspnet_resnet{depth}", ModelTask.Semantic, "Zhao et al., Pyramid Scene Parsing Network", 2017, 21, parameters,
        options => new PspNet(
            ResNet.OfDepth(depth, new ResNetOptions
            {
                InChannels = options.InChannels, Stem = ResNetStem.NumberedDeep, DilateInsteadOfStride = (false, true, true), DilatesFirstBlock = true,
            }),
            options.Outputs)) { Weights = ["safetensors", ".pth"] };

    /// <summary>Figure 3c: the map and its means over ever finer grids, enlarged to its size. Keys <c>features.i</c>.</summary>
    private sealed class PyramidPooling : Layer
    {
        private readonly ModuleList<Sequential> branches;

        public PyramidPooling(int channels, int width, ReadOnlySpan<int> bins)
        {
            branches = Child("features", new ModuleList<Sequential>());
            foreach (var bin in bins)
                branches.Add(new Sequential(new AdaptiveAvgPool2d(bin), new Conv2d(channels, width, 1, hasBias: false), new BatchNorm2d(width), new ReLU(inPlace: true)));
        }

        protected override Tensor Compute(Tensor input)
        {
            var parts = new Tensor[branches.Count + 1];
            parts[0] = input;
            for (var i = 0; i < branches.Count; i++)
                parts[i + 1] = branches[i].Forward(input).UpsampleBilinear2d([input.Shape[2], input.Shape[3]], true);
            return Aten.Cat(parts, 1);
        }
    }
}

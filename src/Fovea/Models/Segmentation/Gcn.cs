using System.Globalization;
using Fovea.Models.Backbones;
using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Models.Segmentation;

/// <summary>
/// Large Kernel Matters: Improve Semantic Segmentation by Global Convolutional Network (Peng, Zhang, Yu, Luo, Sun, CVPR 2017): to classify a
/// pixel as well as a classifier does an image, every cell should see most of the map; a k×k kernel is had as k×1 then 1×k plus 1×k
/// then k×1. Each stage of a ResNet gives scores, which boundary refinements sharpen and which are added on the way up.
/// <c>[N, 3, H, W]</c> to <c>[N, K, H, W]</c>. Own keys <c>backbone</c>, <c>gcn1</c> to <c>gcn4</c> (finest first), <c>refine</c>.
/// </summary>
public sealed class Gcn : Segmenter
{
    private const int Levels = 4;

    private readonly Backbone backbone;
    private readonly LargeKernel[] kernels = new LargeKernel[Levels];
    private readonly ModuleList<BoundaryRefinement> refine;

    /// <summary>Puts the large kernels on a backbone.</summary>
    /// <param name="backbone">The backbone of four stages.</param>
    /// <param name="classes">Number of classes, K.</param>
    /// <param name="kernel">Side of the kernels, k, odd; 15 in the paper.</param>
    public Gcn(Backbone backbone, int classes, int kernel = 15)
    {
        if (kernel % 2 == 0)
            throw new FoveaException($"GCN: found a kernel of {kernel}, expected an odd side, which has a middle");
        this.backbone = Child("backbone", backbone);
        for (var i = 0; i < Levels; i++)
            kernels[i] = Child(string.Create(CultureInfo.InvariantCulture, $"gcn{i + 1}"), new LargeKernel(backbone.Features[i].Channels, classes, kernel));
        // Behind each kernel, behind each sum, and behind each of the last two enlargements.
        const int count = Levels + (Levels - 1) + 2;
        refine = Child("refine", new ModuleList<BoundaryRefinement>(Enumerable.Range(0, count).Select(_ => new BoundaryRefinement(classes))));
        Preprocessing = new Preprocessing().Adapt(backbone.InChannels);
    }

    /// <summary>ResNets of three depths with kernels of 15.</summary>
    public static IReadOnlyList<ModelEntry> Entries { get; } = [Entry(50, 26_052_308), Entry(101, 45_044_436), Entry(152, 60_688_084)];

    /// <inheritdoc/>
    public override IReadOnlyList<string> HeadPrefixes => ["gcn", "refine."];

    /// <inheritdoc/>
    public override IReadOnlyList<KeyValuePair<string, Tensor>> Forward(Tensor images) => [KeyValuePair.Create("out", Logits(images))];

    /// <inheritdoc/>
    protected override Tensor BatchLogits(Batch batch) => Logits(batch.Images);

    private static ModelEntry Entry(int depth, long parameters) => new(
        string.Create(CultureInfo.InvariantCulture, $"gcn_resnet{depth}"), ModelTask.Semantic,
        "Peng et al., Large Kernel Matters: Improve Semantic Segmentation by Global Convolutional Network", 2017, 21, parameters,
        options => new Gcn(ResNet.OfDepth(depth, new ResNetOptions { InChannels = options.InChannels }), options.Outputs))
    {
        Weights = ["safetensors"], StartsFrom = [StartingPoint.FromResNet(depth)],
    };

    private Tensor Logits(Tensor images)
    {
        using var scope = new TensorScope();
        var maps = backbone.Forward(images);
        var next = 0;
        Tensor? scores = null;
        for (var level = Levels - 1; level >= 0; level--)
        {
            var own = refine[next++].Consume(kernels[level].Consume(maps[level]));
            scores = scores is null ? own : refine[next++].Consume(Enlarged(scores, own.Shape[2], own.Shape[3]) + own);
        }

        var (height, width) = (images.Shape[2], images.Shape[3]);
        scores = refine[next++].Consume(Enlarged(scores!, (height + 1) / 2, (width + 1) / 2));
        return scope.Keep(refine[next].Consume(Enlarged(scores, height, width)));
    }

    private static Tensor Enlarged(Tensor scores, long height, long width) => scores.UpsampleBilinear2d([height, width], false);

    /// <summary>Figure 2b: the two separable ways through a k×k window, added, without an activation between.</summary>
    private sealed class LargeKernel : Layer
    {
        private readonly Sequential columnFirst;
        private readonly Sequential rowFirst;

        public LargeKernel(int channels, int classes, int kernel)
        {
            Conv2d Column(int from) => new(from, classes, (kernel, 1), padding: (kernel / 2, 0));
            Conv2d Row(int from) => new(from, classes, (1, kernel), padding: (0, kernel / 2));
            columnFirst = Child("left", new Sequential(Column(channels), Row(classes)));
            rowFirst = Child("right", new Sequential(Row(channels), Column(classes)));
        }

        protected override Tensor Compute(Tensor input) => columnFirst.Forward(input) + rowFirst.Forward(input);
    }

    /// <summary>Figure 2c: a residual of two convolutions that sees the scores alone and learns where they blur.</summary>
    private sealed class BoundaryRefinement : Layer
    {
        private readonly Sequential residual;

        public BoundaryRefinement(int classes) => residual = Child("", new Sequential(
        [
            KeyValuePair.Create<string, Layer>("conv1", new Conv2d(classes, classes, 3, padding: 1)),
            KeyValuePair.Create<string, Layer>("relu", new ReLU(inPlace: true)),
            KeyValuePair.Create<string, Layer>("conv2", new Conv2d(classes, classes, 3, padding: 1)),
        ]));

        protected override Tensor Compute(Tensor input) => input + residual.Forward(input);
    }
}

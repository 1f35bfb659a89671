using System.Globalization;
using Fovea.Models.Backbones;
using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Models.Segmentation;

/// <summary>How a GCN is put together; as in the paper's tables where nothing is set.</summary>
public sealed record GcnOptions
{
    /// <summary>Side of the large kernels, k, odd.</summary>
    public int Kernel { get; init; } = 15;

    /// <summary>Whether transposed convolutions with 4x4 kernels, which start as linear interpolation, learn to double the resolution of the scores.</summary>
    public bool HasLearnedUpsampling { get; init; }
}

/// <summary>
/// Large Kernel Matters: Improve Semantic Segmentation by Global Convolutional Network (Peng, Zhang, Yu, Luo, Sun, CVPR 2017): to classify a
/// pixel as well as a classifier does an image, every cell should see most of the map; a k×k kernel is had as k×1 then 1×k plus 1×k
/// then k×1. Each stage of a ResNet gives scores, which boundary refinements sharpen and which are added on the way up.
/// <c>[N, 3, H, W]</c> to <c>[N, K, H, W]</c>. Own keys <c>backbone</c>, <c>gcn1</c> to <c>gcn4</c> (finest first), <c>refine</c>, <c>enlarge</c> where that is learned.
/// </summary>
public sealed class Gcn : SingleOutputSegmenter
{
    private const int Levels = 4;
    // On the way up to the finest stage, and from there to the image.
    private const int Doublings = Levels - 1 + 2;

    private static readonly GcnOptions Published = new();

    private readonly Backbone backbone;
    private readonly LargeKernel[] kernels = new LargeKernel[Levels];
    private readonly ModuleList<BoundaryRefinement> refine;
    private readonly ModuleList<ConvTranspose2d>? enlarge;

    /// <summary>Puts the large kernels on a backbone.</summary>
    /// <param name="backbone">The backbone of four stages.</param>
    /// <param name="classes">Number of classes, K.</param>
    /// <param name="options">How it is put together; as in the paper when null.</param>
    /// <exception cref="FoveaException">The side of the kernels is even.</exception>
    public Gcn(Backbone backbone, int classes, GcnOptions? options = null)
    {
        options ??= Published;
        if (options.Kernel < 1 || options.Kernel % 2 == 0)
            throw new FoveaException($"GCN: found a kernel of {options.Kernel}, expected an odd side, which has a middle");
        this.backbone = Child("backbone", backbone);
        for (var i = 0; i < Levels; i++)
            kernels[i] = Child(string.Create(CultureInfo.InvariantCulture, $"gcn{i + 1}"), new LargeKernel(backbone.Features[i].Channels, classes, options.Kernel));
        // Behind each kernel and behind each doubling.
        refine = Child("refine", new ModuleList<BoundaryRefinement>(Enumerable.Range(0, Levels + Doublings).Select(_ => new BoundaryRefinement(classes))));
        enlarge = options.HasLearnedUpsampling ? Child("enlarge", new ModuleList<ConvTranspose2d>(Enumerable.Range(0, Doublings).Select(_ => Doubling(classes)))) : null;
        Preprocessing = new Preprocessing().Adapt(backbone.InChannels);
    }

    /// <summary>ResNets of three depths with kernels of 15.</summary>
    public static IReadOnlyList<ModelEntry> Entries { get; } = [Entry(50, 26_052_308), Entry(101, 45_044_436), Entry(152, 60_688_084)];

    /// <inheritdoc/>
    public override IReadOnlyList<string> HeadPrefixes => enlarge is null ? ["gcn", "refine."] : ["gcn", "refine.", "enlarge."];

    /// <inheritdoc/>
    protected override Tensor Logits(Tensor images)
    {
        using var scope = new TensorScope();
        var maps = backbone.Forward(images);
        var (next, doubled) = (0, 0);
        Tensor? scores = null;
        for (var level = Levels - 1; level >= 0; level--)
        {
            var own = refine[next++].Consume(kernels[level].Consume(maps[level]));
            scores = scores is null ? own : refine[next++].Consume(Enlarged(scores, doubled++, own.Shape[2], own.Shape[3]) + own);
        }

        var (height, width) = (images.Shape[2], images.Shape[3]);
        scores = refine[next++].Consume(Enlarged(scores!, doubled++, (height + 1) / 2, (width + 1) / 2));
        return scope.Keep(refine[next].Consume(Enlarged(scores, doubled, height, width)));
    }

    private static ModelEntry Entry(int depth, long parameters) => new(
        string.Create(CultureInfo.InvariantCulture, $"gcn_resnet{depth}"), ModelTask.Semantic,
        "Peng et al., Large Kernel Matters: Improve Semantic Segmentation by Global Convolutional Network", 2017, 21, parameters,
        options => new Gcn(ResNet.OfDepth(depth, new ResNetOptions { InChannels = options.InChannels }), options.Outputs, options.Varied(Published)))
    {
        Weights = ["safetensors"], StartsFrom = [StartingPoint.FromResNet(depth)], Variation = Published,
    };

    private static ConvTranspose2d Doubling(int classes)
    {
        var convolution = new ConvTranspose2d(classes, classes, 4, stride: 2, padding: 1, hasBias: false);
        Init.Bilinear(convolution.Weight);
        return convolution;
    }

    // Stages round odd sizes up, so that twice their size may be one too many.
    private Tensor Enlarged(Tensor scores, int number, long height, long width) => enlarge is null
        ? scores.UpsampleBilinear2d([height, width], false)
        : enlarge[number].Forward(scores).Narrow(2, 0, height).Narrow(3, 0, width);

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

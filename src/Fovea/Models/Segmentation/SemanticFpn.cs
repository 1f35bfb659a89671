using System.Globalization;
using Fovea.Models.Backbones;
using Fovea.Models.Necks;
using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Models.Segmentation;

/// <summary>
/// Panoptic Feature Pyramid Networks (Kirillov, Girshick, He, Dollár, CVPR 2019), section 3.1, the semantic branch by itself: the
/// pyramid of a detector, each level convolved and doubled until all are at a quarter of the resolution, added, classified. <c>[N, C, H, W]</c>
/// to <c>[N, K, H, W]</c> of any size; sides that do not halve evenly five times are padded with zeros inside. Keys
/// <c>backbone</c> and <c>fpn</c> as in torchvision, <c>sem_seg_head</c> as in Detectron2: <c>p2</c> to <c>p5</c>, <c>predictor</c>.
/// </summary>
public sealed class SemanticFpn : SingleOutputSegmenter
{
    private const int PyramidWidth = 256;
    private const int Multiple = 32;

    private readonly Backbone backbone;
    private readonly FeaturePyramid pyramid;
    private readonly Head head;

    /// <summary>Puts pyramid and head on a backbone.</summary>
    /// <param name="backbone">The backbone, of four stages at strides 4 to 32.</param>
    /// <param name="classes">Number of classes, K.</param>
    public SemanticFpn(Backbone backbone, int classes)
    {
        this.backbone = Child("backbone", backbone);
        pyramid = Child("fpn", new FeaturePyramid([.. backbone.Features.Select(static f => f.Channels)], PyramidWidth));
        head = Child("sem_seg_head", new Head(backbone.Features.Count, classes));
        Preprocessing = new Preprocessing { SizeMultiple = Multiple }.Adapt(backbone.InChannels);
    }

    /// <summary>The published depths.</summary>
    public static IReadOnlyList<ModelEntry> Entries { get; } = [Entry(50, 28_483_190), Entry(101, 47_475_318)];

    /// <inheritdoc/>
    public override IReadOnlyList<string> HeadPrefixes => ["sem_seg_head.predictor."];

    /// <inheritdoc/>
    protected override Tensor Logits(Tensor images) => EvenSides.Run(images, Multiple, EvenLogits);

    private static ModelEntry Entry(int depth, long parameters) => new(
        string.Create(CultureInfo.InvariantCulture, $"semantic_fpn_resnet{depth}"), ModelTask.Semantic, "Kirillov et al., Panoptic Feature Pyramid Networks", 2019, 54, parameters,
        options => new SemanticFpn(ResNet.OfDepth(depth, new ResNetOptions { InChannels = options.InChannels }), options.Outputs))
    {
        Weights = ["safetensors"], StartsFrom = [StartingPoint.FromResNet(depth)],
    };

    private Tensor EvenLogits(Tensor images) =>
        head.Apply(pyramid.Forward(backbone.Forward(images))).UpsampleBilinear2d([images.Shape[2], images.Shape[3]], false);

    /// <summary>Figure 3: as many convolutions and doublings as a level needs to a quarter of the resolution.</summary>
    private sealed class Head : SingleOutputModule
    {
        private const int Width = 128;

        private readonly Sequential[] levels;
        private readonly Conv2d predictor;

        public Head(int count, int classes)
        {
            levels = [.. Enumerable.Range(0, count).Select(level => Child(string.Create(CultureInfo.InvariantCulture, $"p{level + 2}"), Level(level)))];
            predictor = Child("predictor", new Conv2d(Width, classes, 1));
            Init.KaimingNormal(predictor.Weight, fanOut: true);
            Init.Constant(predictor.Bias!, 0);
        }

        public Tensor Apply(IReadOnlyList<Tensor> maps) => Observed(maps[0], _ =>
            predictor.Consume(levels.Select((level, i) => level.Forward(maps[i])).Aggregate(static (sum, map) => sum + map)));

        // The finest is where the others go, and has a convolution all the same.
        private static Sequential Level(int doublings)
        {
            var layers = new Sequential();
            for (var i = 0; i < Math.Max(1, doublings); i++)
            {
                layers.Add(new Unit(i == 0 ? PyramidWidth : Width));
                if (doublings > 0)
                    layers.Add(Upsample.By(2, UpsampleMode.Linear));
            }

            return layers;
        }

        private sealed class Unit : Layer
        {
            private const int Groups = 32;

            private readonly Conv2d convolution;
            private readonly GroupNorm norm;
            private readonly ReLU relu = new(inPlace: true);

            public Unit(int inChannels)
            {
                convolution = Child("", new Conv2d(inChannels, Width, 3, padding: 1, hasBias: false));
                norm = Child("norm", new GroupNorm(Groups, Width));
                Init.KaimingNormal(convolution.Weight, fanOut: true);
            }

            protected override Tensor Compute(Tensor input) => relu.Consume(norm.Consume(convolution.Forward(input)));
        }
    }
}

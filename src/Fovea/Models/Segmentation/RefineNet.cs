using System.Globalization;
using Fovea.Models.Backbones;
using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Models.Segmentation;

/// <summary>
/// RefineNet: Multi-Path Refinement Networks for High-Resolution Semantic Segmentation (Lin, Milan, Shen, Reid, CVPR 2017): from the
/// deepest map of a ResNet upwards, each finer map is adapted, added to what came from below, given the context of chained
/// poolings and smoothed; identities run all the way, so that gradients reach every stage. The scores at stride 4 are
/// enlarged bilinearly. <c>[N, 3, H, W]</c> to <c>[N, K, H, W]</c>. Keys of DrSleep's port, whose number 1 is the deepest stage: those of
/// torchvision's ResNet, <c>p_ims1d2_outl1_dimred</c>, <c>adapt_stage1_b</c>, <c>mflow_conv_g1_pool</c> and on, <c>clf_conv</c>.
/// </summary>
public sealed class RefineNet : SingleOutputSegmenter
{
    private const int DeepestWidth = 512;
    private const int Width = 256;

    private readonly Backbone backbone;
    private readonly RefineBlock[] blocks = new RefineBlock[4];
    private readonly Dropout dropout;
    private readonly Conv2d classifier;

    /// <summary>Puts the refinement on a backbone.</summary>
    /// <param name="backbone">The backbone of four stages.</param>
    /// <param name="classes">Number of classes, K.</param>
    public RefineNet(Backbone backbone, int classes)
    {
        this.backbone = Child("", backbone);
        for (var i = 0; i < blocks.Length; i++)
        {
            var isLast = i == blocks.Length - 1;
            blocks[i] = Child("", new RefineBlock(i + 1, backbone.Features[^(i + 1)].Channels, i == 0 ? DeepestWidth : Width, isLast ? null : Width));
        }

        dropout = Child("do", new Dropout(0.5));
        classifier = Child("clf_conv", new Conv2d(Width, classes, 3, padding: 1));
        // Nothing is normalised here: small weights leave the identities to carry the signal at first.
        foreach (var convolution in blocks.SelectMany(static block => block.NamedModules()).Select(static m => m.Value).OfType<Conv2d>().Append(classifier))
        {
            Init.Normal(convolution.Weight, 0, 0.01);
            if (convolution.Bias is { } bias)
                Init.Constant(bias, 0);
        }

        Preprocessing = new Preprocessing().Adapt(backbone.InChannels);
    }

    /// <summary>The published depths.</summary>
    public static IReadOnlyList<ModelEntry> Entries { get; } = [Entry(50, 99_060_309), Entry(101, 118_052_437), Entry(152, 133_696_085)];

    /// <inheritdoc/>
    public override IReadOnlyList<string> HeadPrefixes => ["clf_conv."];

    /// <inheritdoc/>
    protected override Tensor Logits(Tensor images)
    {
        using var scope = new TensorScope();
        var maps = backbone.Forward(images);
        Tensor? below = null;
        for (var i = 0; i < blocks.Length; i++)
        {
            // The two deepest maps are those with the most channels.
            var map = i < 2 ? dropout.Consume(maps[^(i + 1)]) : maps[^(i + 1)];
            below = blocks[i].Apply(map, below);
        }

        var scores = classifier.Consume(dropout.Consume(below!));
        return scope.Keep(scores.UpsampleBilinear2d([images.Shape[2], images.Shape[3]], false));
    }

    private static ModelEntry Entry(int depth, long parameters) => new(
        string.Create(CultureInfo.InvariantCulture, $"refinenet_resnet{depth}"), ModelTask.Semantic,
        "Lin et al., RefineNet: Multi-Path Refinement Networks for High-Resolution Semantic Segmentation", 2017, 21, parameters,
        options => new RefineNet(ResNet.OfDepth(depth, new ResNetOptions { InChannels = options.InChannels }), options.Outputs))
    {
        Weights = ["safetensors", ".pth"], StartsFrom = [StartingPoint.FromResNet(depth, "")],
    };
}

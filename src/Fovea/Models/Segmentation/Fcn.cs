using Fovea.Models.Backbones;
using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Models.Segmentation;

/// <summary>
/// Fully Convolutional Networks for Semantic Segmentation (Long, Shelhamer, Darrell, CVPR 2015) as torchvision builds them: a
/// ResNet whose last two stages keep stride 8 by dilation, a two-layer head, bilinear enlargement. <c>[N, 3, H, W]</c> to
/// <c>[N, K, H, W]</c>. Keys of torchvision: <c>backbone</c>, <c>classifier</c>, <c>aux_classifier</c>.
/// </summary>
public sealed class Fcn : Segmenter
{
    // The share of the auxiliary head's loss in torchvision's reference training.
    private const double AuxiliaryWeight = 0.5;

    private readonly Backbone backbone;
    private readonly Sequential classifier;
    private readonly Sequential? auxiliary;

    /// <summary>Puts heads on a backbone.</summary>
    /// <param name="backbone">The backbone; its last stage is classified, and the one before by the auxiliary head.</param>
    /// <param name="classes">Number of classes, K.</param>
    /// <param name="hasAuxiliary">Whether there is an auxiliary head, which helps training and takes no part in predictions.</param>
    public Fcn(Backbone backbone, int classes, bool hasAuxiliary = true)
    {
        this.backbone = Child("backbone", backbone);
        classifier = Child("classifier", Head(backbone.Features[^1].Channels, classes));
        auxiliary = hasAuxiliary ? Child("aux_classifier", Head(backbone.Features[^2].Channels, classes)) : null;
        Preprocessing = new Preprocessing { SizeRule = SizeRule.ShorterLonger, ShorterSide = 520, LongerSide = 2080 }.Adapt(backbone.InChannels);
    }

    /// <summary>The published depths.</summary>
    public static IReadOnlyList<ModelEntry> Entries { get; } = [Entry(50, 35_322_218), Entry(101, 54_314_346)];

    /// <inheritdoc/>
    public override IReadOnlyList<string> HeadPrefixes => auxiliary is null ? ["classifier.4."] : ["classifier.4.", "aux_classifier.4."];

    /// <inheritdoc/>
    public override IReadOnlyList<KeyValuePair<string, Tensor>> Forward(Tensor images)
    {
        using var scope = new TensorScope();
        var stages = backbone.Features.Count;
        if (auxiliary is null)
            return [KeyValuePair.Create("out", scope.Keep(Logits(images)))];
        var features = backbone.Forward(images, stages - 2, stages - 1);
        return
        [
            KeyValuePair.Create("out", scope.Keep(Enlarge(classifier.Consume(features[1]), images))),
            KeyValuePair.Create("aux", scope.Keep(Enlarge(auxiliary.Consume(features[0]), images))),
        ];
    }

    /// <inheritdoc/>
    public override LossTerms Loss(Batch batch)
    {
        using var scope = new TensorScope();
        var terms = new LossTerms();
        foreach (var (name, logits) in Forward(batch.Images))
            AddTerms(terms, "loss_" + name, name == "aux" ? AuxiliaryWeight : 1, logits, batch);
        foreach (var (_, term) in terms.Terms)
            scope.Keep(term);
        return terms;
    }

    /// <inheritdoc/>
    protected override Tensor BatchLogits(Batch batch) => Logits(batch.Images);

    private Tensor Logits(Tensor images)
    {
        using var scope = new TensorScope();
        var features = backbone.Forward(images, backbone.Features.Count - 1)[0];
        return scope.Keep(Enlarge(classifier.Consume(features), images));
    }

    private static Tensor Enlarge(Tensor logits, Tensor images)
    {
        using (logits)
            return logits.UpsampleBilinear2d([images.Shape[2], images.Shape[3]], false);
    }

    private static Sequential Head(int channels, int classes) => new(
        new Conv2d(channels, channels / 4, 3, padding: 1, hasBias: false), new BatchNorm2d(channels / 4), new ReLU(inPlace: true),
        new Dropout(0.1), new Conv2d(channels / 4, classes, 1));

    private static ModelEntry Entry(int depth, long parameters) => new(
        $"fcn_resnet{depth}", ModelTask.Semantic, "Long et al., Fully Convolutional Networks for Semantic Segmentation", 2015, 21, parameters,
        options => new Fcn(
            ResNet.OfDepth(depth, new ResNetOptions { InChannels = options.InChannels, DilateInsteadOfStride = (false, true, true) }), options.Outputs));
}

using Fovea.Models.Backbones;
using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Models.Segmentation;

/// <summary>
/// A semantic network as torchvision puts them together: a head on the last stage of a backbone, a second one on the stage
/// before that only helps training, bilinear enlargement of both. <c>[N, C, H, W]</c> to <c>[N, K, H, W]</c>.
/// </summary>
public abstract class BackboneSegmenter : Segmenter
{
    private readonly Backbone backbone;
    private readonly Layer classifier;
    private readonly Sequential? auxiliary;
    private readonly HeadStyle style;

    private protected BackboneSegmenter(Backbone backbone, Layer classifier, int classes, bool hasAuxiliary, HeadStyle? style = null)
    {
        this.style = style ?? new HeadStyle();
        this.backbone = Child(this.style.Backbone, backbone);
        this.classifier = Child(this.style.Classifier, classifier);
        auxiliary = hasAuxiliary ? Child(this.style.Auxiliary, ConvolutionalHead(backbone.Features[^2].Channels, classes, this.style.Dropout())) : null;
        Preprocessing = new Preprocessing { SizeRule = SizeRule.ShorterLonger, ShorterSide = 520, LongerSide = 2080 }.Adapt(backbone.InChannels);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> HeadPrefixes => auxiliary is null ? [style.LastLayer] : [style.LastLayer, $"{style.Auxiliary}.4."];

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
            AddTerms(terms, name == "aux" ? name : Main, name == "aux" ? style.AuxiliaryWeight : 1, logits, batch);
        return terms.KeepIn(scope);
    }

    /// <inheritdoc/>
    protected override Tensor BatchLogits(Batch batch) => Logits(batch.Images);

    /// <summary>A 3x3 convolution to a quarter of the channels and a 1x1 convolution to the classes.</summary>
    private protected static Sequential ConvolutionalHead(int channels, int classes, Layer dropout) => new(
        new Conv2d(channels, channels / 4, 3, padding: 1, hasBias: false), new BatchNorm2d(channels / 4), new ReLU(inPlace: true),
        dropout, new Conv2d(channels / 4, classes, 1));

    /// <summary>The published ResNet: its last two stages keep stride 8 by dilation.</summary>
    private protected static ResNet Dilated(int depth, int inChannels) =>
        ResNet.OfDepth(depth, new ResNetOptions { InChannels = inChannels, DilateInsteadOfStride = (false, true, true) });

    private Tensor Logits(Tensor images)
    {
        using var scope = new TensorScope();
        var features = backbone.Forward(images, backbone.Features.Count - 1)[0];
        return scope.Keep(Enlarge(classifier.Consume(features), images));
    }

    private Tensor Enlarge(Tensor logits, Tensor images)
    {
        using (logits)
            return logits.UpsampleBilinear2d([images.Shape[2], images.Shape[3]], style.AlignsCorners);
    }

    /// <summary>In what heads differ; torchvision's way where not said.</summary>
    private protected sealed record HeadStyle
    {
        /// <summary>Name of the backbone; empty when its parts stand at the network's level.</summary>
        public string Backbone { get; init; } = "backbone";

        /// <summary>Name of the head; empty when its parts stand at the network's level.</summary>
        public string Classifier { get; init; } = "classifier";

        /// <summary>Prefix of the layer that gives the classes.</summary>
        public string LastLayer { get; init; } = "classifier.4.";

        /// <summary>Name of the auxiliary head.</summary>
        public string Auxiliary { get; init; } = "aux_classifier";

        /// <summary>The share of the auxiliary head's loss in the reference training.</summary>
        public double AuxiliaryWeight { get; init; } = 0.5;

        /// <summary>What the auxiliary head drops in training.</summary>
        public Func<Layer> Dropout { get; init; } = static () => new Dropout(0.1);

        /// <summary>Whether the enlargement lets the centres of the corner cells coincide.</summary>
        public bool AlignsCorners { get; init; }
    }
}

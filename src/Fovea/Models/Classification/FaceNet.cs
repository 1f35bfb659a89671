using Fovea.Models.Backbones;
using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Models.Classification;

/// <summary>
/// FaceNet: A Unified Embedding for Face Recognition and Clustering (Schroff, Kalenichenko, Philbin, CVPR 2015) as it is
/// published on <see cref="InceptionResNetV1"/>: a face becomes 512 numbers of length 1, near to each other for one person;
/// learned by telling many persons apart. <c>[N, 3, 160, 160]</c> to <c>[N, 512]</c> and <c>[N, K]</c>. Keys of the PyTorch
/// port of the VGGFace2 and CASIA weights.
/// </summary>
public sealed class FaceNet : ImageClassifier
{
    private const int EmbeddingSize = 512;

    private readonly InceptionResNetV1 backbone;
    private readonly AdaptiveAvgPool2d pool = new(1);
    private readonly Flatten flatten = new();
    private readonly Dropout dropout;
    private readonly Linear lastLinear;
    private readonly BatchNorm1d lastNorm;
    private readonly Linear logits;

    /// <summary>Creates the network.</summary>
    /// <param name="persons">Persons told apart in training, K: 8631 in VGGFace2, 10575 in CASIA-WebFace.</param>
    /// <param name="inChannels">Channels of the images.</param>
    public FaceNet(int persons = 8631, int inChannels = 3)
    {
        backbone = Child("", new InceptionResNetV1(inChannels, hasFinalBlock: true));
        dropout = Child("dropout", new Dropout(0.6));
        lastLinear = Child("last_linear", new Linear(backbone.Features[^1].Channels, EmbeddingSize, hasBias: false));
        lastNorm = Child("last_bn", new BatchNorm1d(EmbeddingSize, eps: 1e-3));
        logits = Child("logits", new Linear(EmbeddingSize, persons));
        var preprocessing = PublishedInput.Exact(inChannels, 160);
        // (value - 127.5)/128 of colours of 0 to 255.
        Preprocessing = preprocessing with { Mean = [.. preprocessing.Mean.Select(static _ => 0.5f)], Std = [.. preprocessing.Std.Select(static _ => 128 / 255f)] };
    }

    /// <summary>The network of the published face weights.</summary>
    public static IReadOnlyList<ModelEntry> Entries { get; } =
    [
        new("facenet", ModelTask.Classification, "Schroff et al., FaceNet: A Unified Embedding for Face Recognition and Clustering", 2015, 8631, 27_910_327,
            options => new FaceNet(options.Outputs, options.InChannels))
        {
            Weights = ["safetensors", "PyTorch .pt"], Backbone = static options => new InceptionResNetV1(options.InChannels, hasFinalBlock: true),
        },
    ];

    /// <inheritdoc/>
    public override Backbone Backbone => backbone;

    /// <inheritdoc/>
    public override IReadOnlyList<string> HeadPrefixes => ["logits."];

    /// <inheritdoc/>
    public override Tensor Logits(Tensor images)
    {
        using var scope = new TensorScope();
        return scope.Keep(logits.Consume(Features(images)));
    }

    /// <summary>What a face is known by.</summary>
    /// <param name="images"><c>[N, 3, H, W]</c> with sides of at least 75.</param>
    /// <returns><c>[N, 512]</c>, each row of length 1.</returns>
    public Tensor Embed(Tensor images)
    {
        using var scope = new TensorScope();
        return scope.Keep(Normalised(Features(images)));
    }

    /// <inheritdoc/>
    public override IReadOnlyList<KeyValuePair<string, Tensor>> Forward(Tensor images)
    {
        using var scope = new TensorScope();
        var features = Features(images);
        return [KeyValuePair.Create("logits", scope.Keep(logits.Forward(features))), KeyValuePair.Create("embedding", scope.Keep(Normalised(features)))];
    }

    private Tensor Features(Tensor images)
    {
        PublishedInput.Require("FaceNet", images, backbone.InChannels, InceptionClassifier.Smallest, "its convolutions without padding leave nothing of less");
        var maps = backbone.Last(images);
        return lastNorm.Consume(lastLinear.Consume(dropout.Forward(flatten.Forward(pool.Consume(maps)))));
    }

    private static Tensor Normalised(Tensor features) => features / features.Pow(2).Sum([1], true).Sqrt().ClampMin(1e-12);
}

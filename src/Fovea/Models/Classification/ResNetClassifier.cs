using Fovea.Imaging;
using Fovea.Models.Backbones;
using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Models.Classification;

/// <summary>
/// Deep Residual Learning for Image Recognition (He et al., CVPR 2016): <see cref="ResNet"/>, the mean over the image, one
/// linear layer. <c>[N, 3, H, W]</c> to <c>[N, K]</c>. Keys of torchvision.
/// </summary>
public sealed class ResNetClassifier : ImageClassifier
{
    private readonly ResNet backbone;
    private readonly AdaptiveAvgPool2d pool = new(1);
    private readonly Flatten flatten = new();
    private readonly Linear fc;

    /// <summary>Puts a classifier on a backbone.</summary>
    /// <param name="backbone">The backbone, whose last stage is classified.</param>
    /// <param name="classes">Number of classes, K.</param>
    public ResNetClassifier(ResNet backbone, int classes)
    {
        this.backbone = Child("", backbone);
        fc = Child("fc", new Linear(backbone.Features[^1].Channels, classes));
        Preprocessing = new Preprocessing
        {
            SizeRule = SizeRule.ShorterSideThenCrop, ShorterSide = 256, Height = 224, Width = 224, Interpolation = Interpolation.BilinearAntialias,
        }.Adapt(backbone.InChannels);
    }

    /// <summary>The published depths.</summary>
    public static IReadOnlyList<ModelEntry> Entries { get; } =
    [
        Entry(18, 11_689_512), Entry(34, 21_797_672), Entry(50, 25_557_032), Entry(101, 44_549_160), Entry(152, 60_192_808),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<string> HeadPrefixes => ["fc."];

    /// <inheritdoc/>
    public override Tensor Logits(Tensor images)
    {
        using var scope = new TensorScope();
        var features = backbone.Forward(images, 3)[0];
        return scope.Keep(fc.Consume(flatten.Forward(pool.Consume(features))));
    }

    private static ModelEntry Entry(int depth, long parameters) => new(
        $"resnet{depth}", ModelTask.Classification, "He et al., Deep Residual Learning for Image Recognition", 2016, 1000, parameters,
        options => new ResNetClassifier(ResNet.OfDepth(depth, new ResNetOptions { InChannels = options.InChannels }), options.Outputs));
}

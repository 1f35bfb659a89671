using Fovea.Models.Classification;
using Fovea.Torch;

namespace Fovea.Models.Segmentation;

/// <summary>
/// <see cref="PatchClassifier"/> over every pixel of an image at once, equal to judging window after window: the oldest way from
/// classification to segmentation (Cireşan et al. 2012), made fully convolutional. <c>[N, C, H, W]</c> to <c>[N, K, H, W]</c> of any size;
/// beyond the image's edge its mirror image is seen. Keys of the classifier.
/// </summary>
public sealed class DensePatches : SingleOutputSegmenter
{
    private const int Margin = PatchClassifier.Side / 2;

    private readonly PatchClassifier classifier;

    /// <summary>Creates the network.</summary>
    /// <param name="inChannels">Channels of the images, C.</param>
    /// <param name="classes">Number of classes, K.</param>
    public DensePatches(int inChannels, int classes)
    {
        classifier = Child("", new PatchClassifier(inChannels, classes));
        Preprocessing = new Preprocessing().Adapt(inChannels);
    }

    /// <summary>The network of the catalogue.</summary>
    public static IReadOnlyList<ModelEntry> Entries { get; } =
    [
        new("patch_n4", ModelTask.Semantic, "Cireşan et al., Deep Neural Networks Segment Neuronal Membranes in Electron Microscopy Images", 2012, 2, 219_290,
            options => new DensePatches(options.InChannels, options.Outputs)) { DefaultInChannels = 1, Weights = ["safetensors"] },
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<string> HeadPrefixes => classifier.HeadPrefixes;

    /// <inheritdoc/>
    protected override Tensor Logits(Tensor images)
    {
        using var scope = new TensorScope();
        return scope.Keep(classifier.Dense(Mirror.Cut(images, -Margin, -Margin, images.Shape[2] + 2 * Margin, images.Shape[3] + 2 * Margin)));
    }
}

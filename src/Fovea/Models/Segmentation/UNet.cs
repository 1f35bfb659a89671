using Fovea.Torch;

namespace Fovea.Models.Segmentation;

/// <summary>
/// U-Net: Convolutional Networks for Biomedical Image Segmentation (Ronneberger, Fischer, Brox, MICCAI 2015) with padded
/// convolutions, so that the scores have the size of the image, and batch normalisation. <c>[N, C, H, W]</c> to <c>[N, K, H, W]</c>
/// of any size; multiples of 16 divide evenly.
/// </summary>
public sealed class UNet : Segmenter
{
    private static readonly UNetOptions Published = new() { Norm = NormKind.Batch };

    private readonly UNetBody body;

    /// <summary>Creates the network.</summary>
    /// <param name="inChannels">Channels of the images, C.</param>
    /// <param name="classes">Number of classes, K, with the background.</param>
    /// <param name="options">How it is put together; with batch normalisation and no dropout when null.</param>
    public UNet(int inChannels, int classes, UNetOptions? options = null)
    {
        body = Child("", new UNetBody(inChannels, classes, options ?? Published, padding: 1));
        Preprocessing = new Preprocessing { SizeMultiple = 16 }.Adapt(inChannels);
    }

    /// <summary>The network of the catalogue.</summary>
    public static IReadOnlyList<ModelEntry> Entries { get; } =
    [
        new("unet", ModelTask.Semantic, "Ronneberger et al., U-Net: Convolutional Networks for Biomedical Image Segmentation", 2015, 2, 31_037_698,
            options => new UNet(options.InChannels, options.Outputs, options.Varied(Published))) { Weights = ["safetensors", ".pth"], Variation = Published },
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<string> HeadPrefixes => body.HeadPrefixes;

    /// <summary>The bare network: <c>out</c>, and with deep supervision <c>out2</c>, <c>out4</c>, <c>out8</c> at that fraction of the resolution.</summary>
    /// <param name="images"><c>[N, C, H, W]</c>.</param>
    public override IReadOnlyList<KeyValuePair<string, Tensor>> Forward(Tensor images) => [.. body.ForwardAll(images).Select(static o => KeyValuePair.Create(o.Name, o.Scores))];

    /// <inheritdoc/>
    protected override Tensor BatchLogits(Batch batch) => body.Forward(batch.Images);

    /// <inheritdoc/>
    protected override IEnumerable<TrainedScores> TrainingScores(Batch batch) => body.HeadPrefixes.Count == 1
        ? base.TrainingScores(batch)
        : body.ForwardAll(batch.Images).Select(static o => new TrainedScores("loss_" + o.Name, 1.0 / o.Step, o.Scores, o.Step));
}

using Fovea.Torch;

namespace Fovea.Models.Segmentation;

/// <summary>
/// U-Net: Convolutional Networks for Biomedical Image Segmentation (Ronneberger, Fischer, Brox, MICCAI 2015) with padded
/// convolutions, so that the scores have the size of the image, and batch normalisation. <c>[N, C, H, W]</c> to <c>[N, K, H, W]</c>
/// of any size; multiples of 16 divide evenly, and sides of less are padded with zeros inside.
/// </summary>
public sealed class UNet : Segmenter
{
    private const int Multiple = 16;

    private static readonly UNetOptions Published = new() { Norm = NormKind.Batch };

    private readonly UNetBody body;

    /// <summary>Creates the network.</summary>
    /// <param name="inChannels">Channels of the images, C.</param>
    /// <param name="classes">Number of classes, K, with the background.</param>
    /// <param name="options">How it is put together; with batch normalisation and no dropout when null.</param>
    public UNet(int inChannels, int classes, UNetOptions? options = null)
    {
        body = Child("", new UNetBody(inChannels, classes, options ?? Published, padding: 1));
        Preprocessing = new Preprocessing { SizeMultiple = Multiple }.Adapt(inChannels);
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
    public override IReadOnlyList<KeyValuePair<string, Tensor>> Forward(Tensor images) => [.. Outputs(images).Select(static o => KeyValuePair.Create(o.Name, o.Scores))];

    /// <inheritdoc/>
    protected override Tensor BatchLogits(Batch batch)
    {
        using var scope = new TensorScope();
        return scope.Keep(EvenSides.Cut(body.Forward(EvenSides.PadTo(batch.Images, Multiple)), batch.Images));
    }

    /// <inheritdoc/>
    protected override IEnumerable<TrainedScores> TrainingScores(Batch batch) => body.HeadPrefixes.Count == 1
        ? base.TrainingScores(batch)
        : Outputs(batch.Images).Select(static o => new TrainedScores(o.Step == 1 ? Main : o.Name, 1.0 / o.Step, o.Scores, o.Step));

    // The first has the size of the images; of the others it does not matter that they reach beyond.
    private IReadOnlyList<(string Name, int Step, Tensor Scores)> Outputs(Tensor images)
    {
        using var scope = new TensorScope();
        return [.. body.ForwardAll(EvenSides.PadTo(images, Multiple)).Select(o => o with { Scores = scope.Keep(o.Step == 1 ? EvenSides.Cut(o.Scores, images) : o.Scores) })];
    }
}

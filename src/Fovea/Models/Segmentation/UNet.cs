using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Models.Segmentation;

/// <summary>How a U-Net is put together.</summary>
public sealed record UNetOptions
{
    /// <summary>Makes the normalisation after every 3x3 convolution, or null for none, as in the paper.</summary>
    public Func<int, Layer>? Norm { get; init; }

    /// <summary>Whether the 3x3 convolutions have a bias; null for: where no normalisation follows.</summary>
    public bool? HasConvolutionBias { get; init; }

    /// <summary>Share of the elements dropped at the end of the way down in training.</summary>
    public double Dropout { get; init; }
}

/// <summary>
/// U-Net: Convolutional Networks for Biomedical Image Segmentation (Ronneberger, Fischer, Brox, MICCAI 2015) with padded
/// convolutions, so that the scores have the size of the image, and batch normalisation. <c>[N, C, H, W]</c> to <c>[N, K, H, W]</c>
/// of any size; multiples of 16 divide evenly.
/// </summary>
public sealed class UNet : Segmenter
{
    private readonly UNetBody body;

    /// <summary>Creates the network.</summary>
    /// <param name="inChannels">Channels of the images, C.</param>
    /// <param name="classes">Number of classes, K, with the background.</param>
    /// <param name="options">How it is put together; with batch normalisation and no dropout when null.</param>
    public UNet(int inChannels, int classes, UNetOptions? options = null)
    {
        body = Child("", new UNetBody(inChannels, classes, options ?? new UNetOptions { Norm = static channels => new BatchNorm2d(channels) }, padding: 1));
        Preprocessing = new Preprocessing { SizeMultiple = 16 }.Adapt(inChannels);
    }

    /// <summary>The network of the catalogue.</summary>
    public static IReadOnlyList<ModelEntry> Entries { get; } =
    [
        new("unet", ModelTask.Semantic, "Ronneberger et al., U-Net: Convolutional Networks for Biomedical Image Segmentation", 2015, 2, 31_037_698,
            options => new UNet(options.InChannels, options.Outputs)) { Weights = ["safetensors", ".pth"] },
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<string> HeadPrefixes => ["outc."];

    /// <inheritdoc/>
    public override IReadOnlyList<KeyValuePair<string, Tensor>> Forward(Tensor images) => [KeyValuePair.Create("out", body.Forward(images))];

    /// <inheritdoc/>
    protected override Tensor BatchLogits(Batch batch) => body.Forward(batch.Images);
}

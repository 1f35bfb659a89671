using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Models.Segmentation;

/// <summary>
/// SegNet: A Deep Convolutional Encoder-Decoder Architecture for Image Segmentation (Badrinarayanan, Kendall, Cipolla, PAMI 2017):
/// the thirteen convolutions of VGG-16 and their mirror image. Only the positions of the pooled maxima cross from one to the
/// other, so that borders come back where they were. <c>[N, C, H, W]</c> to <c>[N, K, H, W]</c> of any size. Keys <c>features</c> as
/// in torchvision's VGG-16 with batch normalisation, and <c>decoder</c>.
/// </summary>
public sealed class SegNet : SingleOutputSegmenter
{
    private const string LastLayer = "decoder.4.3.";

    // Section 3: the widths of the convolutions of each stage up (the last goes on to the classes).
    private static readonly int[][] Up = [[512, 512, 512], [512, 512, 256], [256, 256, 128], [128, 64], [64]];

    private readonly SwitchingEncoder encoder;
    private readonly ModuleList<Sequential> decoder;

    /// <summary>Creates the network.</summary>
    /// <param name="inChannels">Channels of the images, C.</param>
    /// <param name="classes">Number of classes, K.</param>
    public SegNet(int inChannels, int classes)
    {
        encoder = Child("features", new SwitchingEncoder(inChannels));
        decoder = Child("decoder", new ModuleList<Sequential>());
        var channels = encoder.OutChannels;
        foreach (var widths in Up)
        {
            var stage = new Sequential();
            foreach (var width in widths)
            {
                stage.Add(new Conv2d(channels, width, 3, padding: 1));
                stage.Add(new BatchNorm2d(width));
                stage.Add(new ReLU(inPlace: true));
                channels = width;
            }

            decoder.Add(stage);
        }

        decoder[^1].Add(new Conv2d(channels, classes, 3, padding: 1));
        ConvolutionInit.Rectified(this);
        Preprocessing = new Preprocessing().Adapt(inChannels);
    }

    /// <summary>The network of the catalogue.</summary>
    public static IReadOnlyList<ModelEntry> Entries { get; } =
    [
        new("segnet", ModelTask.Semantic, "Badrinarayanan et al., SegNet: A Deep Convolutional Encoder-Decoder Architecture for Image Segmentation", 2017, 11, 29_449_355,
            options => new SegNet(options.InChannels, options.Outputs)) { Weights = ["safetensors"], StartsFrom = [SwitchingEncoder.Start(static _ => null)] },
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<string> HeadPrefixes => [LastLayer];

    /// <inheritdoc/>
    protected override Tensor Logits(Tensor images)
    {
        using var scope = new TensorScope();
        var (deepest, switches) = encoder.Forward(images);
        return scope.Keep(switches.Up(deepest, decoder));
    }
}

using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Models.Segmentation;

/// <summary>
/// Learning Deconvolution Network for Semantic Segmentation (Noh, Hong, Han, ICCV 2015), table 1: VGG-16 down to one cell that has seen
/// everything, and the same way back up: values return to where the pooled maxima were, and transposed convolutions fill in
/// what lies between. Every convolution is normalised. <c>[N, C, H, W]</c> to <c>[N, K, H, W]</c>; 224 a side leave one cell, smaller
/// images are padded with zeros inside, larger ones keep a map. The paper shows it some fifty proposals of objects (edge boxes), each
/// brought to 224 a side, and takes at each pixel the highest score of a class, or the mean; here windows of 224 over the picture in several
/// sizes stand for them, without a second method that finds objects: views <c>{tile: 224, scales: [0.5, 1, 2], takes_highest: true}</c>. Keys <c>features</c> as in torchvision's VGG-16 with batch
/// normalisation, <c>fc6</c>, <c>fc7</c>, <c>deconv_fc6</c>, <c>decoder</c>, <c>classifier</c>.
/// </summary>
public sealed class DeconvNet : SingleOutputSegmenter
{
    private const int Cells = 7;

    // Five poolings, which keep the half cell at an edge: from here on the last map has seven cells.
    private const int SmallestSide = (Cells - 1) * 32 + 1;

    // Channels of each transposed convolution, in those of the first convolution.
    private static readonly int[][] Up = [[8, 8, 8], [8, 8, 4], [4, 4, 2], [2, 1], [1, 1]];

    private readonly SwitchingEncoder encoder;
    private readonly Sequential neck;
    private readonly ModuleList<Sequential> decoder;
    private readonly Conv2d classifier;

    /// <summary>Creates the network.</summary>
    /// <param name="inChannels">Channels of the images, C.</param>
    /// <param name="classes">Number of classes, K.</param>
    /// <param name="width">Channels of the cell in the middle.</param>
    /// <param name="trunkWidth">Channels of the first stage of VGG-16.</param>
    public DeconvNet(int inChannels, int classes, int width = 4096, int trunkWidth = 64)
    {
        encoder = Child("features", new SwitchingEncoder(inChannels, trunkWidth));
        var channels = encoder.OutChannels;
        neck = Child("", new Sequential(
        [
            KeyValuePair.Create<string, Layer>("fc6", Normed(new Conv2d(channels, width, Cells), width)),
            KeyValuePair.Create<string, Layer>("fc7", Normed(new Conv2d(width, width, 1), width)),
            KeyValuePair.Create<string, Layer>("deconv_fc6", Normed(new ConvTranspose2d(width, channels, Cells), channels)),
        ]));
        decoder = Child("decoder", new ModuleList<Sequential>());
        foreach (var widths in Up)
        {
            var stage = new Sequential();
            foreach (var factor in widths)
            {
                var next = trunkWidth * factor;
                stage.Add(new ConvTranspose2d(channels, next, 3, padding: 1));
                stage.Add(new BatchNorm2d(next));
                stage.Add(new ReLU(inPlace: true));
                channels = next;
            }

            decoder.Add(stage);
        }

        classifier = Child("classifier", new Conv2d(channels, classes, 1));
        Initialise();
        Preprocessing = new Preprocessing().Adapt(inChannels);
    }

    /// <summary>The network of the paper.</summary>
    public static IReadOnlyList<ModelEntry> Entries { get; } =
    [
        new("deconvnet", ModelTask.Semantic, "Noh et al., Learning Deconvolution Network for Semantic Segmentation", 2015, 21, 251_805_653,
            options => new DeconvNet(options.InChannels, options.Outputs)) { Weights = ["safetensors"], StartsFrom = [SwitchingEncoder.Start(FromLinear)] },
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<string> HeadPrefixes => ["classifier."];

    /// <inheritdoc/>
    protected override Tensor Logits(Tensor images)
    {
        using var scope = new TensorScope();
        var (deepest, switches) = encoder.Forward(EvenSides.PadTo(images, SmallestSide));
        return scope.Keep(EvenSides.Cut(classifier.Consume(switches.Up(neck.Consume(deepest), decoder)), images));
    }

    // The linear layers of the classifier are convolutions here.
    private static string? FromLinear(string name) => name switch
    {
        "classifier.0.weight" => "fc6.0.weight",
        "classifier.0.bias" => "fc6.0.bias",
        "classifier.3.weight" => "fc7.0.weight",
        "classifier.3.bias" => "fc7.0.bias",
        _ => null,
    };

    private static Sequential Normed(Layer convolution, int channels) => new(convolution, new BatchNorm2d(channels), new ReLU(inPlace: true));

    private void Initialise()
    {
        foreach (var (_, module) in NamedModules())
        {
            switch (module)
            {
                case Conv2d convolution:
                    Init.KaimingNormal(convolution.Weight);
                    Init.Constant(convolution.Bias!, 0);
                    break;
                case ConvTranspose2d transposed:
                    // What feeds one output: as many kernels as channels come in.
                    Init.KaimingNormal(transposed.Weight, fanOut: true);
                    Init.Constant(transposed.Bias!, 0);
                    break;
            }
        }
    }
}

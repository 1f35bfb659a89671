using System.Globalization;
using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Models.Segmentation;

/// <summary>
/// The thirteen convolutions of VGG-16 (Simonyan, Zisserman 2015), each with its ReLU, as the first dense networks took them over
/// from Caffe: keys <c>conv1_1</c> to <c>conv5_3</c>. What pools behind each of the five stages is the owner's choice.
/// </summary>
internal sealed class Vgg16Trunk : Module
{
    private static readonly int[] Convolutions = [2, 2, 3, 3, 3];

    // Channels of each stage, in those of the first.
    private static readonly int[] Widths = [1, 2, 4, 8, 8];

    private static readonly Dictionary<string, string> ClassifierNames = NamesInClassifier();

    private readonly int width;
    private readonly Sequential[] stages = new Sequential[Convolutions.Length];

    /// <param name="inChannels">Channels of the images; colour is expected on a scale of 0 to 255.</param>
    /// <param name="border">Zeros around the image for the first convolution, pixels; 1 keeps its size.</param>
    /// <param name="pool">Makes the pooling behind a stage, 0 to 4.</param>
    /// <param name="lastDilation">Distance between the kernel taps of the last stage.</param>
    /// <param name="width">Channels of the first stage; 64 in VGG-16.</param>
    public Vgg16Trunk(int inChannels, int border, Func<int, MaxPool2d> pool, int lastDilation = 1, int width = 64)
    {
        this.width = width;
        var channels = inChannels;
        for (var stage = 0; stage < stages.Length; stage++)
        {
            // The convolutions are named at the network's level, as published; the chain only calls them.
            stages[stage] = new Sequential();
            for (var i = 0; i < Convolutions[stage]; i++)
            {
                var dilation = stage == stages.Length - 1 ? lastDilation : 1;
                var isFirst = stage == 0 && i == 0;
                var convolution = Child(Name(stage, i), new Conv2d(channels, ChannelsOf(stage), 3, padding: isFirst ? border : dilation, dilation: dilation));
                Initialise(convolution, isFirst && inChannels == 3 ? 1 / CaffeInput.Scale : 1);
                stages[stage].Add(convolution);
                stages[stage].Add(new ReLU(inPlace: true));
                channels = ChannelsOf(stage);
            }

            stages[stage].Add(pool(stage));
        }
    }

    /// <summary>Channels of the map of a stage, 0 to 4.</summary>
    public int ChannelsOf(int stage) => width * Widths[stage];

    /// <summary>The name that a tensor of torchvision's VGG-16 has here; null when it is none of the convolutions'.</summary>
    public static string? FromClassifier(string name)
    {
        var dot = name.LastIndexOf('.');
        return dot > 0 && ClassifierNames.TryGetValue(name[..dot], out var here) ? here + name[dot..] : null;
    }

    /// <summary>Small random weights that keep the size of what flows through (He et al. 2015).</summary>
    public static void Initialise(Conv2d convolution, double scale = 1)
    {
        Init.Normal(convolution.Weight, 0, scale * Math.Sqrt(2.0 / Init.FanIn(convolution.Weight)));
        Init.Constant(convolution.Bias!, 0);
    }

    /// <summary>The pooled maps from a stage on, finest first.</summary>
    /// <param name="images"><c>[N, C, H, W]</c>.</param>
    /// <param name="first">The first stage whose map is kept, 0 to 4.</param>
    public Tensor[] Forward(Tensor images, int first)
    {
        using var scope = new TensorScope();
        var maps = new Tensor[stages.Length - first];
        var current = images;
        for (var stage = 0; stage < stages.Length; stage++)
        {
            var isOwn = stage > 0 && stage <= first;
            current = isOwn ? stages[stage].Consume(current) : stages[stage].Forward(current);
            if (stage >= first)
                maps[stage - first] = scope.Keep(current);
        }

        return maps;
    }

    private static string Name(int stage, int convolution) => string.Create(CultureInfo.InvariantCulture, $"conv{stage + 1}_{convolution + 1}");

    // There ReLUs and pools count too.
    private static Dictionary<string, string> NamesInClassifier()
    {
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        var number = 0;
        for (var stage = 0; stage < Convolutions.Length; stage++, number++)
        {
            for (var i = 0; i < Convolutions[stage]; i++, number += 2)
                names.Add(string.Create(CultureInfo.InvariantCulture, $"features.{number}"), Name(stage, i));
        }

        return names;
    }
}

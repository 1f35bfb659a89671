using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Models.Segmentation;

/// <summary>
/// VGG-16's convolutions, with norms; gives the positions of the maxima and the sizes before each pooling. Keys of torchvision's
/// VGG-16 with batch normalisation.
/// </summary>
internal sealed class SwitchingEncoder : Module
{
    // Channels of each convolution, in those of the first.
    private static readonly int[][] Widths = [[1, 1], [2, 2], [4, 4, 4], [8, 8, 8], [8, 8, 8]];

    private readonly MaxPool2d pool = new(2, ceilMode: true);
    private readonly ReLU relu = new(inPlace: true);
    private readonly List<ConvolutionNorm[]> stages = [];

    /// <param name="inChannels">Channels of the images.</param>
    /// <param name="width">Channels of the first convolution; 64 in VGG-16.</param>
    public SwitchingEncoder(int inChannels, int width = 64)
    {
        // Numbers as in torchvision, where ReLU and pooling count too.
        var (number, channels) = (0, inChannels);
        foreach (var stage in Widths)
        {
            var pairs = new ConvolutionNorm[stage.Length];
            for (var i = 0; i < pairs.Length; i++)
            {
                pairs[i] = Pair(Child($"{number}", new Conv2d(channels, width * stage[i], 3, padding: 1)), Child($"{number + 1}", new BatchNorm2d(width * stage[i])));
                (number, channels) = (number + 3, width * stage[i]);
            }

            stages.Add(pairs);
            number++;
        }

        OutChannels = channels;
    }

    /// <summary>Channels of the last map.</summary>
    public int OutChannels { get; }

    public (Tensor Output, (Tensor Indices, long Height, long Width)[] Switches) Forward(Tensor images)
    {
        using var scope = new TensorScope();
        var switches = new (Tensor Indices, long Height, long Width)[stages.Count];
        var current = images;
        for (var stage = 0; stage < switches.Length; stage++)
        {
            foreach (var pair in stages[stage])
                current = relu.Consume(ReferenceEquals(current, images) ? pair.Forward(current) : pair.Consume(current));
            var (height, width) = (current.Shape[2], current.Shape[3]);
            var (pooled, indices) = pool.ForwardWithIndices(current);
            current.Dispose();
            switches[stage] = (scope.Keep(indices), height, width);
            current = pooled;
        }

        return (scope.Keep(current), switches);
    }
}

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

    /// <summary>torchvision's VGG-16 with norms as a start.</summary>
    /// <param name="rename">The name that a tensor of its linear layers has in the network, or null for none.</param>
    public static StartingPoint Start(Func<string, string?> rename) => new(
        "vgg16_bn", "classifier.6.weight", name => name.StartsWith("features.", StringComparison.Ordinal) ? name : rename(name));

    /// <summary>Channels of the last map.</summary>
    public int OutChannels { get; }

    /// <summary>The last map, and what leads back up from it.</summary>
    public (Tensor Output, PoolSwitches Switches) Forward(Tensor images)
    {
        using var scope = new TensorScope();
        var switches = new (Tensor Indices, Extent Size)[stages.Count];
        var current = images;
        for (var stage = 0; stage < switches.Length; stage++)
        {
            foreach (var pair in stages[stage])
                current = relu.Consume(ReferenceEquals(current, images) ? pair.Forward(current) : pair.Consume(current));
            var size = new Extent(current.Shape[2], current.Shape[3]);
            var (pooled, indices) = pool.ForwardWithIndices(current);
            current.Dispose();
            switches[stage] = (scope.Keep(indices), size);
            current = pooled;
        }

        return (scope.Keep(current), new PoolSwitches(switches));
    }
}

/// <summary>Where the maxima of each pooling stood, and the sizes before it.</summary>
/// <param name="poolings">Those of each pooling, the first first.</param>
internal sealed class PoolSwitches((Tensor Indices, Extent Size)[] poolings)
{
    /// <summary>The way back up: values return to where the maxima were, then the layers of a stage, the coarsest first.</summary>
    /// <param name="deepest">The last map; it is freed, as the positions are.</param>
    /// <param name="stages">The layers of as many stages as there were poolings.</param>
    public Tensor Up(Tensor deepest, IReadOnlyList<Layer> stages)
    {
        using var unpool = new MaxUnpool2d(2);
        var current = deepest;
        for (var stage = 0; stage < poolings.Length; stage++)
        {
            var (indices, size) = poolings[^(stage + 1)];
            var unpooled = unpool.Forward(current, indices, size);
            current.Dispose();
            indices.Dispose();
            current = stages[stage].Consume(unpooled);
        }

        return current;
    }
}

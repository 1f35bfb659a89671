using Fovea.Models.Backbones;
using Fovea.Torch;
using Fovea.Torch.Nn;
using Fovea.Torch.Serialization;

namespace Fovea.Models.Classification;

/// <summary>
/// A <see cref="Darknet"/>, the mean over the image, one linear layer. <c>[N, 3, H, W]</c> of any size to <c>[N, K]</c>. Keys
/// of timm with <c>head.fc</c>. Darknet's own <c>.weights</c> load too.
/// </summary>
public sealed class DarknetClassifier : ImageClassifier, INamesWeights
{
    private readonly Darknet backbone;
    private readonly AdaptiveAvgPool2d pool = new(1);
    private readonly Flatten flatten = new();
    private readonly Linear fc;
    private readonly Sequential head;

    /// <summary>Puts a classifier on a backbone.</summary>
    /// <param name="backbone">The backbone, whose last stage is classified.</param>
    /// <param name="classes">Number of classes, K.</param>
    public DarknetClassifier(Darknet backbone, int classes)
    {
        this.backbone = Child("", backbone);
        fc = new Linear(backbone.Features[^1].Channels, classes);
        head = Child("head", new Sequential([KeyValuePair.Create<string, Layer>("fc", fc)]));
        // Darknet's see colours of 0 to 1, timm's were trained on ImageNet's mean and cut out less than the shorter side.
        Preprocessing = backbone.Activation != DarknetActivation.LeakyTimm ? (PublishedInput.Centre(3, 256) with { Mean = [0, 0, 0], Std = [1, 1, 1] }).Adapt(backbone.InChannels)
            : backbone is Darknet53 ? PublishedInput.CentreBicubic(backbone.InChannels, 256, 288) : PublishedInput.Centre(backbone.InChannels, 256, 288);
    }

    /// <summary>The published networks; <c>_timm</c> names those of timm's weights, whose activation differs.</summary>
    public static IReadOnlyList<ModelEntry> Entries { get; } =
    [
        Entry("darknet19", "Redmon and Farhadi, YOLO9000: Better, Faster, Stronger", 2017, 20_842_376, static (channels, kind) => new Darknet19(channels, kind)),
        Entry("darknet53", "Redmon and Farhadi, YOLOv3: An Incremental Improvement", 2018, 41_609_928, static (channels, kind) => new Darknet53(channels, kind)),
        Entry("darknet53_timm", "Redmon and Farhadi, YOLOv3: An Incremental Improvement", 2018, 41_609_928, static (channels, kind) => new Darknet53(channels, kind), DarknetActivation.LeakyTimm),
        Entry("cspdarknet53", "Wang et al., CSPNet: A New Backbone that can Enhance Learning Capability of CNN", 2020, 27_642_184, static (channels, kind) => new CspDarknet53(channels, kind)),
        Entry("cspdarknet53_mish", "Bochkovskiy et al., YOLOv4: Optimal Speed and Accuracy of Object Detection", 2020, 27_642_184, static (channels, kind) => new CspDarknet53(channels, kind), DarknetActivation.Mish),
        Entry("cspdarknet53_timm", "Wang et al., CSPNet: A New Backbone that can Enhance Learning Capability of CNN", 2020, 27_642_184, static (channels, kind) => new CspDarknet53(channels, kind), DarknetActivation.LeakyTimm),
    ];

    /// <inheritdoc/>
    public override Backbone Backbone => backbone;

    /// <inheritdoc/>
    public override IReadOnlyList<string> HeadPrefixes => ["head."];

    /// <inheritdoc/>
    public override Tensor Logits(Tensor images)
    {
        PublishedInput.Require(backbone.GetType().Name, images, backbone.InChannels, 1, "there is nothing to see");
        using var scope = new TensorScope();
        return scope.Keep(head.Consume(flatten.Forward(pool.Consume(backbone.Last(images)))));
    }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, TensorData> Name(WeightsFile file)
    {
        if (backbone.Activation == DarknetActivation.LeakyTimm)
            throw new FoveaException($"{file.Path}: found Darknet's weights, expected timm's, whose activation differs; take the network without '_timm' in its name");
        var all = file.Tensors[DarknetFile.All];
        var tensors = new OrderedDictionary<string, TensorData>(StringComparer.Ordinal);
        var position = 0L;
        TensorData Take(long[] shape)
        {
            var size = shape.Aggregate(1L, static (product, n) => product * n);
            if (size > all.Count - position)
                throw Misfit(file, all.Count);
            position += size;
            return all.Part(position - size, shape);
        }

        foreach (var (name, layer) in backbone.NamedModules())
        {
            if (layer is not DarknetConvolution convolution)
                continue;
            foreach (var (part, data) in convolution.Read(Take))
                tensors.Add($"{name}.{part}", data);
        }

        var (rest, width) = (all.Count - position, fc.Weight.Shape[1]);
        if (rest % (width + 1) != 0)
            throw Misfit(file, all.Count);
        if (rest > 0)
        {
            var classes = rest / (width + 1);
            var (bias, weight) = (Take([classes]), Take([classes, width]));
            tensors.Add("head.fc.weight", InUsualOrder(weight));
            tensors.Add("head.fc.bias", InUsualOrder(bias));
        }

        return tensors;
    }

    private static TensorData InUsualOrder(TensorData data)
    {
        var order = DarknetClasses.Usual;
        if (data.Shape[0] != order.Length)
            return data;
        var values = data.ToArray<float>();
        var ordered = new float[values.Length];
        var row = values.Length / order.Length;
        for (var i = 0; i < order.Length; i++)
            values.AsSpan(i * row, row).CopyTo(ordered.AsSpan(order[i] * row));
        return TensorData.FromArray<float>(ordered, [.. data.Shape]);
    }

    private DataException Misfit(WeightsFile file, long found)
    {
        var expected = StateDict().Where(static t => !t.Key.EndsWith("num_batches_tracked", StringComparison.Ordinal)).Sum(static t => t.Value.Count);
        return new DataException(file.Path, null, $"{found} numbers", $"{expected} of {backbone.GetType().Name} with {fc.Weight.Shape[0]} classes; the file is truncated or of another network");
    }

    private static ModelEntry Entry(string name, string paper, int year, long parameters, Func<int, DarknetActivation, Darknet> make, DarknetActivation activation = DarknetActivation.Leaky) => new(
        name, ModelTask.Classification, paper, year, 1000, parameters,
        options => new DarknetClassifier(make(options.InChannels, activation), options.Outputs))
    {
        Backbone = options => make(options.InChannels, activation),
        Weights = activation == DarknetActivation.LeakyTimm ? ["safetensors", "timm .pth"] : ["safetensors", "darknet .weights"],
    };
}

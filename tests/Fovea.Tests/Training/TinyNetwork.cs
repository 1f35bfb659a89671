using Fovea.Models.Classification;
using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Tests.Training;

/// <summary>A small classifier with everything that keeps state or draws: a convolution, batch norm, dropout, a linear layer.</summary>
internal sealed class TinyNetwork : ImageClassifier
{
    private readonly Conv2d conv;
    private readonly BatchNorm2d norm;
    private readonly Dropout dropout;
    private readonly bool calm;
    private readonly Linear fc;

    /// <param name="classes">Number of classes.</param>
    /// <param name="calm">Without batch norm and dropout, whose outputs depend on the batch.</param>
    public TinyNetwork(int classes, bool calm = false)
    {
        this.calm = calm;
        conv = Child("conv", new Conv2d(1, 6, 3, padding: 1));
        norm = Child("norm", new BatchNorm2d(6));
        dropout = Child("dropout", new Dropout(calm ? 0 : 0.2));
        fc = Child("fc", new Linear(6 * 16, classes));
        Preprocessing = new Preprocessing { Channels = Fovea.Imaging.ImageChannels.Grey, Mean = [0.5f], Std = [0.5f] };
    }

    public override IReadOnlyList<string> HeadPrefixes => ["fc."];

    /// <summary>What it was told of the training's progress.</summary>
    public List<double> Heard { get; } = [];

    public override void Progress(double done) => Heard.Add(done);

    public override Tensor Logits(Tensor images)
    {
        using var scope = new TensorScope();
        var features = conv.Forward(images);
        features = (calm ? features : norm.Forward(features)).Relu().AvgPool2d([2, 2]);
        return scope.Keep(fc.Forward(dropout.Forward(features.Reshape([images.Shape[0], -1]))));
    }
}

/// <summary>8 x 8 pictures of noise with a bright corner: which corner is the class.</summary>
internal sealed class CornerSource(int images, int batchSize, int seed, bool shuffle, int classes = 4) : IBatchSource
{
    public string Name => "corners";

    public int Images => images;

    public int BatchesPerEpoch => (images + batchSize - 1) / batchSize;

    /// <summary>An image whose pixels are not finite once the epoch is reached.</summary>
    public (int Epoch, int Image)? Poisoned { get; init; }

    /// <summary>Called with the epoch and number of every batch before it is given out.</summary>
    public Action<int, int>? Giving { get; init; }

    public IEnumerable<Batch> Epoch(int epoch, int firstBatch = 0)
    {
        var order = Enumerable.Range(0, images).ToArray();
        if (shuffle)
            new Random(seed * 1000 + epoch).Shuffle(order);
        for (var b = firstBatch; b < BatchesPerEpoch; b++)
        {
            Giving?.Invoke(epoch, b);
            yield return Create(order[(b * batchSize)..Math.Min(images, (b + 1) * batchSize)], epoch);
        }
    }

    private Batch Create(int[] indices, int epoch)
    {
        var pixels = new float[indices.Length * 64];
        for (var i = 0; i < indices.Length; i++)
        {
            var random = new Random(seed + indices[i] * 7919);
            var label = indices[i] % classes;
            for (var p = 0; p < 64; p++)
            {
                var inCorner = (p / 8 < 4 ? 0 : 2) + (p % 8 < 4 ? 0 : 1) == label;
                pixels[i * 64 + p] = (float)random.NextDouble() - 0.5f + (inCorner ? 0.5f : 0);
            }

            if (Poisoned is { } poisoned && epoch >= poisoned.Epoch && indices[i] == poisoned.Image)
                pixels[i * 64] = float.NaN;
        }

        var size = new ImageSize(8, 8);
        return new Batch
        {
            Images = Tensor.FromArray(pixels, [indices.Length, 1, 8, 8]).Escape(),
            Labels = Tensor.FromArray([.. indices.Select(i => (long)(i % classes))]).Escape(),
            Origins = [.. indices.Select(i => new ImageOrigin($"corner-{i}.png", $"{i}", size, size))],
            Samples = [.. indices.Select(i => new Sample($"corner-{i}.png", new Annotation { Label = i % classes }) { Id = $"{i}" })],
        };
    }
}

using System.Globalization;
using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Models.Segmentation;

/// <summary>
/// Figure 1 of the U-Net paper: four times two 3x3 convolutions and a pooling, the neck, four times an up-convolution, the
/// concatenation with the map of the way down and two 3x3 convolutions, then 1x1. Keys are those of the most used PyTorch
/// port: <c>inc</c>, <c>down1</c> to <c>down4</c>, <c>up1</c> to <c>up4</c>, <c>outc</c>; the skip comes first in the concatenation.
/// What the paper has not stands under <c>gate</c>, <c>shortcut</c>, <c>attention</c>, and <c>outc2</c> to <c>outc8</c>.
/// </summary>
internal sealed class UNetBody : Layer
{
    private const int Levels = 4;
    private const int Width = 64;

    private readonly Layer[] down = new Layer[Levels + 1];
    private readonly UNetUpBlock[] up = new UNetUpBlock[Levels];
    private readonly Layer head;
    // From the second finest level on, at a half, a quarter and an eighth of the resolution.
    private readonly Layer[] coarseHeads;
    private readonly Dropout? dropout;

    public UNetBody(int inChannels, int classes, UNetOptions options, int padding)
    {
        down[0] = Child("inc", UNetParts.Level(inChannels, Width, options, padding));
        for (var level = 1; level <= Levels; level++)
        {
            var pair = UNetParts.Level(Width << (level - 1), Width << level, options, padding);
            down[level] = Child($"down{level}", UNetParts.One("maxpool_conv", new Sequential(new MaxPool2d(2), pair)));
        }

        for (var level = 0; level < Levels; level++)
            up[level] = Child($"up{level + 1}", new UNetUpBlock(Width << (Levels - level), options, padding));
        head = Child("outc", Head(Width, classes));
        coarseHeads = options.IsDeeplySupervised
            ? [.. Enumerable.Range(1, Levels - 1).Select(i => Child(string.Create(CultureInfo.InvariantCulture, $"outc{1 << i}"), Head(Width << i, classes)))]
            : [];
        dropout = options.Dropout > 0 ? Child("dropout", new Dropout(options.Dropout)) : null;
        Classes = classes;
        UNetParts.Initialise(this);
    }

    public int Classes { get; }

    /// <summary>Prefixes of the heads.</summary>
    public IReadOnlyList<string> HeadPrefixes => ["outc.", .. coarseHeads.Select((_, i) => string.Create(CultureInfo.InvariantCulture, $"outc{2 << i}."))];

    /// <summary>The scores of every head, with their name and the pixels for each of their cells; the finest first.</summary>
    public IReadOnlyList<(string Name, int Step, Tensor Scores)> ForwardAll(Tensor images)
    {
        if (coarseHeads.Length == 0)
            return [("out", 1, Forward(images))];
        using var scope = new TensorScope();
        var maps = Maps(images);
        var outputs = new List<(string Name, int Step, Tensor Scores)> { ("out", 1, scope.Keep(head.Forward(maps[^1]))) };
        for (var i = 0; i < coarseHeads.Length; i++)
            outputs.Add((string.Create(CultureInfo.InvariantCulture, $"out{2 << i}"), 2 << i, scope.Keep(coarseHeads[i].Forward(maps[^(i + 2)]))));
        return outputs;
    }

    protected override Tensor Compute(Tensor input) => head.Consume(Maps(input)[^1]);

    private static Sequential Head(int channels, int classes) => UNetParts.One("conv", new Conv2d(channels, classes, 1));

    // The maps of the way up, coarsest first; all but the last are freed unless a head needs them.
    private Tensor[] Maps(Tensor input)
    {
        var skips = new Tensor[Levels];
        var current = down[0].Forward(input);
        for (var level = 1; level <= Levels; level++)
        {
            skips[level - 1] = current;
            current = down[level].Forward(current);
            // At the end of the way down (section 3.1): the last level and the neck.
            if (dropout is not null && level >= Levels - 1)
                current = dropout.Consume(current);
        }

        var maps = new Tensor[Levels];
        for (var level = 0; level < Levels; level++)
        {
            maps[level] = up[level].Apply(current, skips[Levels - 1 - level]);
            if (level == 0 || coarseHeads.Length == 0)
                current.Dispose();
            current = maps[level];
        }

        return maps;
    }
}

using System.Globalization;
using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Models.Necks;

/// <summary>
/// Feature pyramid: every stage of a backbone gets what the coarser ones know, in maps of one width.
/// </summary>
/// <remarks>
/// Lin, Dollár, Girshick, He, Hariharan, Belongie 2017, Feature Pyramid Networks for Object Detection, figure 3: a 1 x 1
/// convolution of each stage (lateral) plus the coarser level enlarged twice by nearest neighbour, then a 3 x 3 convolution;
/// no non-linearity. Keys <c>inner_blocks.i.0</c> (lateral), <c>layer_blocks.i.0</c> (output), <c>extra_blocks</c>, as in
/// torchvision.
/// </remarks>
public sealed class FeaturePyramid : Module
{
    private readonly ModuleList<Sequential> laterals;
    private readonly ModuleList<Sequential> outputs;
    private readonly PyramidTop? top;

    /// <summary>Creates the pyramid (Kaiming uniform with a = 1, biases 0).</summary>
    /// <param name="inChannels">Channels of the stages, finest first.</param>
    /// <param name="outChannels">Channels of every level, C.</param>
    /// <param name="top">Levels above the coarsest stage, or null for none.</param>
    public FeaturePyramid(IReadOnlyList<int> inChannels, int outChannels, PyramidTop? top = null)
    {
        OutChannels = outChannels;
        laterals = Child("inner_blocks", new ModuleList<Sequential>(
            inChannels.Select(channels => new Sequential(PyramidInit.Apply(new Conv2d(channels, outChannels, 1))))));
        outputs = Child("layer_blocks", new ModuleList<Sequential>(
            inChannels.Select(_ => new Sequential(PyramidInit.Apply(new Conv2d(outChannels, outChannels, 3, padding: 1))))));
        this.top = top is null ? null : Child("extra_blocks", top);
    }

    /// <summary>Channels of every level.</summary>
    public int OutChannels { get; }

    /// <summary>Number of levels, those above the coarsest stage included.</summary>
    public int Levels => laterals.Count + (top?.Levels ?? 0);

    /// <summary>The names of the layers that give the levels, finest first; a top of no layers has none.</summary>
    internal IReadOnlyList<string> LevelNames =>
        [.. Enumerable.Range(0, outputs.Count).Select(static level => string.Create(CultureInfo.InvariantCulture, $"layer_blocks.{level}")), .. (top?.LevelNames ?? []).Select(static name => $"extra_blocks.{name}")];

    /// <summary>The levels, finest first.</summary>
    /// <param name="stages">The stages of the backbone, finest first, <c>[N, C_i, H_i, W_i]</c>.</param>
    /// <returns><c>[N, C, H_i, W_i]</c> for every stage, then the top's levels; in the caller's scope.</returns>
    /// <exception cref="ArgumentException">There is another number of stages.</exception>
    public Tensor[] Forward(IReadOnlyList<Tensor> stages)
    {
        if (stages.Count != laterals.Count)
            throw new ArgumentException($"found {stages.Count} stages, expected {laterals.Count}", nameof(stages));
        using var scope = new TensorScope();
        var levels = new Tensor[laterals.Count];
        var merged = laterals[^1].Forward(stages[^1]);
        levels[^1] = scope.Keep(outputs[^1].Forward(merged));
        for (var i = laterals.Count - 2; i >= 0; i--)
        {
            var enlarged = merged.UpsampleNearest2d([stages[i].Shape[2], stages[i].Shape[3]]);
            merged.Dispose();
            using (var lateral = laterals[i].Forward(stages[i]))
                merged = enlarged.AddInPlace(lateral);
            levels[i] = scope.Keep(outputs[i].Forward(merged));
        }

        if (top is null)
            return levels;
        var above = top.Extend(levels[^1], stages[^1]);
        return [.. levels, .. above.Select(scope.Keep)];
    }
}

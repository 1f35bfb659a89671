using Fovea.Models.Backbones;
using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Models.Necks;

/// <summary>A backbone with a feature pyramid on some of its stages. Keys <c>body</c> and <c>fpn</c>, as in torchvision.</summary>
public sealed class PyramidBackbone : Module
{
    private readonly Backbone body;
    private readonly FeaturePyramid pyramid;
    private readonly int[] stages;

    /// <summary>Puts a pyramid on a backbone.</summary>
    /// <param name="body">The backbone.</param>
    /// <param name="stages">Positions in its features that the pyramid takes, finest first.</param>
    /// <param name="channels">Channels of every level.</param>
    /// <param name="top">Levels above the coarsest stage.</param>
    public PyramidBackbone(Backbone body, IReadOnlyList<int> stages, int channels, PyramidTop top)
    {
        this.body = Child("body", body);
        this.stages = [.. stages];
        pyramid = Child("fpn", new FeaturePyramid([.. stages.Select(stage => body.Features[stage].Channels)], channels, top));
        var strides = stages.Select(stage => body.Features[stage].Stride).ToList();
        for (var level = 0; level < top.Levels; level++)
            strides.Add(strides[^1] * 2);
        Levels = [.. strides.Select((stride, level) => new FeatureInfo($"level {level}", channels, stride))];
    }

    /// <summary>The levels it gives, finest first.</summary>
    public IReadOnlyList<FeatureInfo> Levels { get; }

    /// <summary>The levels of the pyramid, finest first.</summary>
    /// <param name="images"><c>[N, C, H, W]</c>.</param>
    /// <returns><c>[N, channels, ⌈H/stride⌉, ⌈W/stride⌉]</c> for every level, in the caller's scope.</returns>
    public Tensor[] Forward(Tensor images)
    {
        using var scope = new TensorScope();
        var levels = pyramid.Forward(body.Forward(images, stages));
        foreach (var level in levels)
            scope.Keep(level);
        return levels;
    }
}

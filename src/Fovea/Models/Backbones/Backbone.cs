using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Models.Backbones;

/// <summary>A network from images to feature maps of falling resolution, which heads and necks build on.</summary>
public abstract class Backbone : Module
{
    /// <summary>Channels of the images.</summary>
    public abstract int InChannels { get; }

    /// <summary>The feature maps it gives, finest first.</summary>
    public abstract IReadOnlyList<FeatureInfo> Features { get; }

    /// <summary>The feature maps of some stages, in the order asked for; what lies behind the last of them is not computed.</summary>
    /// <param name="images"><c>[N, C, H, W]</c>.</param>
    /// <param name="stages">Positions in <see cref="Features"/>; all of them when none is given.</param>
    public abstract IReadOnlyList<Tensor> Forward(Tensor images, params ReadOnlySpan<int> stages);

    /// <summary>The coarsest map alone, which a classifier judges.</summary>
    /// <param name="images"><c>[N, C, H, W]</c>.</param>
    public Tensor Last(Tensor images) => Forward(images, Features.Count - 1)[0];

    /// <summary>Runs a stem and the stages behind it as far as they are asked for; each map is freed as soon as nothing needs it.</summary>
    /// <param name="stem">What the images go through first; null when that is the first stage.</param>
    /// <param name="stages">The layers that give the maps of <see cref="Features"/>.</param>
    /// <param name="images"><c>[N, C, H, W]</c>.</param>
    /// <param name="positions">Positions in <paramref name="stages"/>; all of them when none is given.</param>
    private protected static IReadOnlyList<Tensor> RunStages(Layer? stem, IReadOnlyList<Layer> stages, Tensor images, ReadOnlySpan<int> positions)
    {
        ReadOnlySpan<int> wanted = positions.Length == 0 ? [.. Enumerable.Range(0, stages.Count)] : positions;
        var results = new Tensor[wanted.Length];
        using var scope = new TensorScope();
        var current = stem?.Forward(images) ?? images;
        var last = 0;
        foreach (var stage in wanted)
            last = Math.Max(last, stage);
        for (var stage = 0; stage <= last; stage++)
        {
            var isNeeded = ReferenceEquals(current, images) || results.Contains(current);
            current = isNeeded ? stages[stage].Forward(current) : stages[stage].Consume(current);
            for (var i = 0; i < wanted.Length; i++)
            {
                if (wanted[i] == stage)
                    results[i] = scope.Keep(current);
            }
        }

        return results;
    }
}

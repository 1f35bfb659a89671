using Fovea.Torch;

namespace Fovea.Explain;

/// <summary>Maps made of a layer's activations and of the score's gradient by them.</summary>
internal static class LayerMaps
{
    /// <summary>
    /// Combines activations <c>[C, h, w]</c> and gradients of the same shape to a map <c>[h, w]</c>. A layer that runs several times, as a head
    /// that looks at all levels of a pyramid, gives several; they are enlarged to the picture and added.
    /// </summary>
    public static Tensor Of(Subject subject, NamedLayer layer, Func<Tensor, Tensor, Tensor> combine)
    {
        using var scope = new TensorScope();
        using var record = Autograd.EnableGrad();
        using var probe = new LayerProbe(layer);
        var gradients = Autograd.Grad([Score(subject)], probe.Maps, allowUnused: true);
        var maps = probe.Maps.Zip(gradients).Where(static pair => pair.Second is not null).Select(pair => combine(pair.First.Detach()[0], pair.Second![0])).ToList();
        return maps.Count switch
        {
            0 => throw new FoveaException($"layer: found that the score does not depend on '{layer.Name}', expected a layer on the way to it"),
            1 => scope.Keep(maps[0]),
            _ => scope.Keep(maps.Select(map => Enlarge(map, subject.Size)).Aggregate(static (sum, map) => sum + map)),
        };
    }

    /// <summary>How strongly the score depends on each of some layers: the square of its gradient's length by all that the layer gives; 0 for one that it does not depend on.</summary>
    public static IReadOnlyList<double> Pulls(Subject subject, IReadOnlyList<NamedLayer> layers)
    {
        using var scope = new TensorScope();
        using var record = Autograd.EnableGrad();
        var probes = layers.Select(static layer => new LayerProbe(layer)).ToList();
        try
        {
            var score = Score(subject);
            return [.. probes.Select(probe => Autograd.Grad([score], probe.Maps, retainGraph: true, allowUnused: true).Sum(static gradient => gradient?.Square().Sum().ToDouble() ?? 0))];
        }
        finally
        {
            foreach (var probe in probes)
                probe.Dispose();
        }
    }

    private static Tensor Score(Subject subject)
    {
        var leaf = subject.Images.Detach();
        // Otherwise a network whose parameters are all frozen records nothing.
        leaf.RequiresGrad = true;
        return subject.Score(leaf).Sum();
    }

    /// <summary>A map stretched to a picture's size, bilinear.</summary>
    public static Tensor Enlarge(Tensor map, ImageSize size)
    {
        using var scope = new TensorScope();
        return scope.Keep(map.Reshape([1, 1, map.Shape[0], map.Shape[1]]).UpsampleBilinear2d([size.Height, size.Width], false)[0, 0]);
    }
}

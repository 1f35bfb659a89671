using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Explain;

/// <summary>Keeps what a layer gives at every call, tied to the graph, until disposed; then no hook is left.</summary>
internal sealed class LayerProbe : IDisposable
{
    private readonly List<Tensor> outputs = [];
    private readonly IDisposable registration;
    private readonly NamedLayer layer;

    public LayerProbe(NamedLayer layer)
    {
        this.layer = layer;
        registration = layer.Layer.OnForward((_, output) =>
        {
            outputs.Add(output.Share().Escape());
            return null;
        });
    }

    /// <summary>What the layer gave, call after call.</summary>
    /// <exception cref="FoveaException">It was not called.</exception>
    public IReadOnlyList<Tensor> Outputs => outputs.Count > 0 ? outputs
        : throw new FoveaException($"layer: found that '{layer.Name}' did not run, expected a layer that the score depends on");

    /// <summary>The maps that the layer gave, <c>[N, C, h, w]</c> each.</summary>
    /// <exception cref="FoveaException">It was not called or gives no maps.</exception>
    public IReadOnlyList<Tensor> Maps => Outputs.All(static output => output.Rank == 4) ? Outputs
        : throw new FoveaException($"layer: found that '{layer.Name}' gives {Outputs[0].Shape}, expected maps [N, C, h, w]; take a convolution or what follows it");

    public void Dispose()
    {
        registration.Dispose();
        foreach (var output in outputs)
            output.Dispose();
        outputs.Clear();
    }
}

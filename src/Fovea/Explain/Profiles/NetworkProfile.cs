using Fovea.Models;
using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Explain;

/// <summary>
/// Output shape, stride, receptive field, parameters and multiply-adds of every part of a network for one picture, counted from
/// the operators that run: exact for any network of the catalogue or one's own.
/// </summary>
public sealed class NetworkProfile
{
    private readonly OperatorTrace trace;
    private readonly ReceptiveFieldWalk fields;
    private readonly ILookup<SingleOutputModule, LayerCall> calls;

    private NetworkProfile(Module network, OperatorTrace trace, TracedTensor images)
    {
        this.trace = trace;
        fields = new ReceptiveFieldWalk(trace, images);
        calls = trace.Calls.ToLookup(static call => call.Layer);
        Layers = [.. network.NamedModules().Where(static part => part.Key.Length > 0).Select(part => ProfileOf(part.Key, part.Value))];
        Parameters = network.ParameterCount();
        MultiplyAdds = trace.Operators.Sum(Explain.MultiplyAdds.Of);
    }

    /// <summary>Every named part, parents before children.</summary>
    public IReadOnlyList<LayerProfile> Layers { get; }

    /// <summary>Trainable scalars.</summary>
    public long Parameters { get; }

    /// <summary>Products added up for the picture.</summary>
    public long MultiplyAdds { get; }

    /// <summary>Profiles a network in evaluation.</summary>
    /// <param name="model">The network.</param>
    /// <param name="images">A picture as it sees them, <c>[1, C, H, W]</c>; the values do not matter, unless a detector is to find something.</param>
    /// <exception cref="FoveaException">The network refuses the picture, such as for its size.</exception>
    public static NetworkProfile Of(VisionModel model, Tensor images) => Of(model, images, pictures => NetworkRun.On(model, pictures));

    /// <summary>Profiles one's own network.</summary>
    /// <param name="network">The network, whose parts are listed.</param>
    /// <param name="images"><c>[1, C, ...]</c>.</param>
    /// <param name="run">Runs the network on the images.</param>
    public static NetworkProfile Of(Module network, Tensor images, Action<Tensor> run)
    {
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        using var trace = new OperatorTrace();
        var given = trace.Of(images);
        run(images);
        return new NetworkProfile(network, trace, given);
    }

    /// <summary>The part of a name.</summary>
    /// <exception cref="FoveaException">There is none; the message lists near ones.</exception>
    public LayerProfile this[string name] => Layers.FirstOrDefault(layer => layer.Name == name) ?? throw LayerChoice.Unknown(name, Layers.Select(static layer => layer.Name));

    private LayerProfile ProfileOf(string name, Module part)
    {
        var own = part is SingleOutputModule layer ? calls[layer].ToList() : [];
        var last = own.LastOrDefault();
        return new LayerProfile(
            name, part.GetType().Name, last is null ? [] : last.Output.Shape.ToArray(), last is null ? [] : fields[last.Output],
            part.ParameterCount(), CountOf(part), own.Count);
    }

    // A module that is no layer counts what its parts count.
    private long CountOf(Module part) => part is SingleOutputModule layer && calls.Contains(layer)
        ? calls[layer].Sum(call => trace.Operators.Skip(call.First).Take(call.End - call.First).Sum(Explain.MultiplyAdds.Of))
        : part.Children.Sum(child => CountOf(child.Value));
}

using Fovea.Models.Classification;
using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Explain;

/// <summary>
/// A head that takes the mean of every map over the image and then at most one linear layer: what class activation maps need. Found by
/// following the operators back from the scores.
/// </summary>
/// <param name="Map">The layer whose output the mean is taken of.</param>
/// <param name="Linear">From means to scores, or null where the maps are those of the classes already.</param>
internal sealed record PooledHead(NamedLayer Map, Linear? Linear)
{
    /// <summary>The head of a network, or null when it is of another kind.</summary>
    public static PooledHead? Find(ImageClassifier model, Tensor images)
    {
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        using var trace = new OperatorTrace();
        var node = trace.Of(model.Logits(images));
        var makers = new Dictionary<TracedTensor, TracedOperator>();
        foreach (var step in trace.Operators)
        {
            foreach (var result in step.Results)
                makers.TryAdd(result, step);
        }

        Linear? linear = null;
        while (makers.TryGetValue(node, out var step) && step.Arguments[0] is TracedTensor before)
        {
            if (IsGlobalMean(step, before))
                return MapOf(model, trace, before) is { } map ? new PooledHead(map, linear) : null;
            if (step.Name == "aten::linear" && linear is null)
                linear = trace.Calls.FirstOrDefault(call => call.Layer is Linear && ReferenceEquals(call.Output, node))?.Layer as Linear;
            else if (step.Name is not ("aten::flatten" or "aten::view" or "aten::reshape" or "aten::squeeze" or "aten::contiguous" or "aten::to"))
                return null;
            node = before;
        }

        return null;
    }

    private static bool IsGlobalMean(TracedOperator step, TracedTensor before) => before.Shape.Rank == 4
        && (step.Name is "aten::adaptive_avg_pool2d" && step.Results[0].Shape is { Rank: 4 } pooled && pooled[2] == 1 && pooled[3] == 1
            || step.Name is "aten::avg_pool2d" && step.Arguments[1] is long[] window && window[0] == before.Shape[2] && window[^1] == before.Shape[3]
            || step.Name is "aten::mean" && step.Arguments.ElementAtOrDefault(1) is long[] dimensions && dimensions.Select(static d => d < 0 ? d + 4 : d).Order().SequenceEqual([2L, 3L]));

    // The outermost layer with a name that gave the map; where none has one it is called by what it is.
    private static NamedLayer? MapOf(ImageClassifier model, OperatorTrace trace, TracedTensor map)
    {
        var layers = trace.Calls.Where(call => ReferenceEquals(call.Output, map)).Select(static call => call.Layer).ToList();
        foreach (var layer in layers)
        {
            if (model.NamedModules().FirstOrDefault(part => ReferenceEquals(part.Value, layer)).Key is { Length: > 0 } name)
                return new NamedLayer(name, layer);
        }

        return layers.Count == 0 ? null : new NamedLayer($"<last {layers[0].GetType().Name}>", layers[0]);
    }
}

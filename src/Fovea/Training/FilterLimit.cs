using Fovea.Models;
using Fovea.Torch;
using Fovea.Training.Recipes;

namespace Fovea.Training;

/// <summary>A limit on the weights of every filter of convolutions (Zeiler and Fergus 2014, section 3), so that none outgrows the others.</summary>
public sealed record FilterLimitSection
{
    /// <summary>The greatest root mean square of the weights of a filter; after every step of the optimizer larger ones are scaled down to it.</summary>
    [Within(0, Above = true)]
    public required double Rms { get; init; }

    /// <summary>Names of the weights, as patterns (<c>conv1.*</c>); left out, those of all convolutions.</summary>
    public IReadOnlyList<string>? Parameters { get; init; }
}

/// <summary>Keeps filters within a limit.</summary>
internal sealed class FilterLimit
{
    private readonly double limit;
    private readonly IReadOnlyList<Tensor> weights;

    /// <exception cref="FoveaException">A pattern fits no weight of a convolution.</exception>
    public FilterLimit(FilterLimitSection section, VisionModel model)
    {
        limit = section.Rms;
        // Only the kernels of convolutions have four dimensions.
        var all = model.NamedParameters().Where(static p => p.Value.Rank == 4).ToList();
        var chosen = section.Parameters is { } patterns ? NamePattern.Select([.. all.Select(static p => p.Key)], patterns, "filter_limit.parameters") : null;
        weights = [.. all.Where(p => chosen?.Contains(p.Key) != false).Select(static p => p.Value)];
    }

    /// <summary>Scales down what is too large of the weights that are trained.</summary>
    public void Apply()
    {
        using var noGrad = Autograd.NoGrad();
        foreach (var weight in weights.Where(static weight => weight.RequiresGrad))
        {
            using var scope = new TensorScope();
            var size = weight.Square().Mean([1, 2, 3], true).Sqrt();
            weight.MulInPlace((limit / size).ClampMax(1));
        }
    }
}

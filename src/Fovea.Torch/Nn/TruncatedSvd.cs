namespace Fovea.Torch.Nn;

/// <summary>
/// A matrix of a linear layer by its largest singular values: W [u, v] ≈ U_t·Σ_t·V_tᵀ, as two layers Σ_t·V_tᵀ [t, v] and U_t [u, t] of t·(u + v)
/// numbers instead of u·v. Girshick 2015, Fast R-CNN, section 3.1. No other matrix of rank t is nearer (Eckart, Young 1936).
/// </summary>
public sealed class TruncatedSvd
{
    private TruncatedSvd(IReadOnlyList<double> values, int rank) => (SingularValues, Rank) = (values, rank);

    /// <summary>All singular values σ, the largest first.</summary>
    public IReadOnlyList<double> SingularValues { get; }

    /// <summary>How many are kept, t.</summary>
    public int Rank { get; }

    /// <summary>The Frobenius norm of what is lost, the root of the sum of the squares of the other singular values.</summary>
    public double FrobeniusError => Math.Sqrt(SingularValues.Skip(Rank).Sum(static value => value * value));

    /// <summary>The Frobenius norm of the matrix.</summary>
    public double FrobeniusNorm => Math.Sqrt(SingularValues.Sum(static value => value * value));

    /// <summary>The spectral norm of what is lost, the next singular value: no input of length 1 moves the output further. 0 at full rank.</summary>
    public double SpectralError => Rank < SingularValues.Count ? SingularValues[Rank] : 0;

    /// <summary>Factors a layer in place.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="rank">Singular values kept, t.</param>
    /// <returns>What that loses.</returns>
    /// <exception cref="FoveaException">The rank does not fit, or the layer is factored already.</exception>
    public static TruncatedSvd Factor(Linear layer, int rank)
    {
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        var (left, values, right) = layer.Weight.Detach().Svd();
        var bias = layer.Bias?.Clone();
        var (first, second) = layer.Factor(rank);
        first.Weight.CopyInPlace(right.Narrow(1, 0, rank).T() * values.Narrow(0, 0, rank).Unsqueeze(1));
        second.Weight.CopyInPlace(left.Narrow(1, 0, rank));
        if (bias is not null)
            second.Bias!.CopyInPlace(bias);
        return new TruncatedSvd(values.To(Dtype.Float64).ToArray<double>(), rank);
    }

    /// <summary>Factors the linear layers of a network that lie factored among named tensors, so that those can be loaded.</summary>
    /// <param name="module">The network.</param>
    /// <param name="shapes">The shapes of the tensors by name.</param>
    /// <exception cref="FoveaException">A layer of the network is smaller than the one that was factored.</exception>
    public static void Match(Module module, IReadOnlyDictionary<string, IReadOnlyList<long>> shapes)
    {
        foreach (var (_, layer, first, _) in Factored(module, shapes))
            layer.Factor(checked((int)first[0]));
    }

    /// <summary>The shapes of named tensors as they were before layers of a network were factored.</summary>
    /// <param name="module">The network.</param>
    /// <param name="shapes">The shapes of the tensors by name.</param>
    public static IReadOnlyDictionary<string, IReadOnlyList<long>> Whole(Module module, IReadOnlyDictionary<string, IReadOnlyList<long>> shapes)
    {
        var whole = new Dictionary<string, IReadOnlyList<long>>(shapes, StringComparer.Ordinal);
        foreach (var (name, _, first, second) in Factored(module, shapes))
        {
            whole[name + ".weight"] = [second[0], first[1]];
            if (whole.Remove(name + ".1.bias", out var bias))
                whole[name + ".bias"] = bias;
            whole.Remove(name + ".0.weight");
            whole.Remove(name + ".1.weight");
        }

        return whole;
    }

    private static List<(string Name, Linear Layer, IReadOnlyList<long> First, IReadOnlyList<long> Second)> Factored(Module module, IReadOnlyDictionary<string, IReadOnlyList<long>> shapes)
    {
        var found = new List<(string, Linear, IReadOnlyList<long>, IReadOnlyList<long>)>();
        foreach (var (name, part) in module.NamedModules())
        {
            if (part is Linear { IsFactored: false } layer && !shapes.ContainsKey(name + ".weight")
                && shapes.TryGetValue(name + ".0.weight", out var first) && first.Count == 2 && shapes.TryGetValue(name + ".1.weight", out var second) && second.Count == 2)
            {
                found.Add((name, layer, first, second));
            }
        }

        return found;
    }
}

namespace Fovea.Torch.Optim;

/// <summary>Limits gradients before a step.</summary>
public static class GradientClipping
{
    // As in PyTorch: keeps the scale finite, and is why a clipped norm is a trifle below the limit.
    private const double Guard = 1e-6;

    /// <summary>The joint L2 norm of all gradients: infinite or not a number when one of them is.</summary>
    /// <param name="parameters">The parameters; those without a gradient do not count.</param>
    public static double Norm(IEnumerable<Tensor> parameters)
    {
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        return Norm(Gradients(parameters));
    }

    /// <summary>Scales all gradients so that their joint L2 norm is at most a limit (Pascanu et al. 2013, algorithm 1).</summary>
    /// <param name="parameters">The parameters; those without a gradient do not count.</param>
    /// <param name="limit">The limit, above 0.</param>
    /// <returns>The norm before clipping; when it is not finite the gradients are not finite either and were not scaled.</returns>
    public static double ByNorm(IEnumerable<Tensor> parameters, double limit)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        var gradients = Gradients(parameters);
        var norm = Norm(gradients);
        var scale = limit / (norm + Guard);
        if (double.IsFinite(norm) && scale < 1)
            Aten.ForeachMulInPlace(gradients, scale);
        return norm;
    }

    /// <summary>Cuts every element of every gradient to plus or minus a limit.</summary>
    /// <param name="parameters">The parameters; those without a gradient do not count.</param>
    /// <param name="limit">The limit, above 0.</param>
    public static void ByValue(IEnumerable<Tensor> parameters, double limit)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();

        // libtorch has no foreach form of this one.
        foreach (var gradient in Gradients(parameters))
            gradient.ClampInPlace(-limit, limit);
    }

    private static double Norm(IReadOnlyList<Tensor> gradients) =>
        gradients.Count == 0 ? 0 : Aten.Stack(Aten.ForeachNorm(gradients, 2)).Norm(2).ToDouble();

    private static List<Tensor> Gradients(IEnumerable<Tensor> parameters) =>
        [.. parameters.Select(static parameter => parameter.Gradient).OfType<Tensor>()];
}

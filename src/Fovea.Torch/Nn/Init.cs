namespace Fovea.Torch.Nn;

/// <summary>Initial values of weights, drawn from libtorch's default generator.</summary>
public static class Init
{
    /// <summary>Inputs that feed one output: the product of all sizes but the first.</summary>
    public static long FanIn(Tensor weight) => weight.Count / weight.Shape[0];

    /// <summary>Outputs that one input feeds: the product of all sizes but the second.</summary>
    public static long FanOut(Tensor weight) => weight.Count / weight.Shape[1];

    /// <summary>Uniform in [-bound, bound].</summary>
    public static void Uniform(Tensor tensor, double bound)
    {
        using var noGrad = Autograd.NoGrad();
        tensor.UniformInPlace(-bound, bound);
    }

    /// <summary>Normal with the given mean and standard deviation.</summary>
    public static void Normal(Tensor tensor, double mean = 0, double std = 1)
    {
        using var noGrad = Autograd.NoGrad();
        tensor.NormalInPlace(mean, std);
    }

    /// <summary>One value everywhere.</summary>
    public static void Constant(Tensor tensor, double value)
    {
        using var noGrad = Autograd.NoGrad();
        tensor.FillInPlace(value);
    }

    /// <summary>He et al. 2015: normal with standard deviation √(2/fan) for ReLU.</summary>
    /// <param name="weight">The weight.</param>
    /// <param name="fanOut">Whether the fan is the outputs' (keeps the size of gradients) rather than the inputs'.</param>
    public static void KaimingNormal(Tensor weight, bool fanOut = false) =>
        Normal(weight, 0, Math.Sqrt(2.0 / (fanOut ? FanOut(weight) : FanIn(weight))));

    /// <summary>He et al. 2015: uniform with bound √(6/((1+a²)·fan)).</summary>
    /// <param name="weight">The weight.</param>
    /// <param name="a">Negative slope of the leaky ReLU that follows.</param>
    public static void KaimingUniform(Tensor weight, double a = 0) => Uniform(weight, Math.Sqrt(6.0 / ((1 + a * a) * FanIn(weight))));

    /// <summary>PyTorch's default for convolutions and linear layers: Kaiming uniform with a = √5, bias uniform in ±1/√fan.</summary>
    public static void ConvolutionDefault(Tensor weight, Tensor? bias)
    {
        KaimingUniform(weight, Math.Sqrt(5));
        if (bias is not null)
            Uniform(bias, 1 / Math.Sqrt(FanIn(weight)));
    }
}

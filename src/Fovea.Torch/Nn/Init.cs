namespace Fovea.Torch.Nn;

/// <summary>Initial values of weights, drawn from libtorch's default generator in the order PyTorch draws them.</summary>
public static class Init
{
    [ThreadStatic]
    private static int skipping;

    /// <summary>
    /// Until disposed, modules made on this thread leave their weights undefined, which saves seconds for a large network
    /// whose weights are loaded next. Running statistics and the scales and shifts of norms are set all the same.
    /// </summary>
    public static IDisposable Skip() => new Skipping();

    /// <summary>Inputs that feed one output: the product of all sizes but the first.</summary>
    public static long FanIn(Tensor weight) => weight.Count / weight.Shape[0];

    /// <summary>Outputs that one input feeds: the product of all sizes but the second.</summary>
    public static long FanOut(Tensor weight) => weight.Count / weight.Shape[1];

    /// <summary>Uniform in [-bound, bound].</summary>
    public static void Uniform(Tensor tensor, double bound) => Set(tensor, t => t.UniformInPlace(-bound, bound));

    /// <summary>Normal with the given mean and standard deviation.</summary>
    public static void Normal(Tensor tensor, double mean = 0, double std = 1) => Set(tensor, t => t.NormalInPlace(mean, std));

    /// <summary>Normal, without the tails outside [lowest, highest].</summary>
    public static void TruncatedNormal(Tensor tensor, double mean = 0, double std = 1, double lowest = -2, double highest = 2) => Set(tensor, t =>
    {
        // Uniform between the two values of the distribution function, then its inverse.
        var (low, high) = (NormalDistribution((lowest - mean) / std), NormalDistribution((highest - mean) / std));
        t.UniformInPlace(2 * low - 1, 2 * high - 1);
        t.CopyInPlace(t.Erfinv());
        t.MulInPlace(std * Math.Sqrt(2)).AddInPlace(mean).ClampInPlace(lowest, highest);
    });

    /// <summary>One value everywhere.</summary>
    public static void Constant(Tensor tensor, double value) => Set(tensor, t => t.FillInPlace(value));

    /// <summary>He et al. 2015: normal with standard deviation √(2/((1+a²)·fan)).</summary>
    /// <param name="weight">The weight.</param>
    /// <param name="fanOut">Whether the fan is the outputs' (keeps the size of gradients) rather than the inputs'.</param>
    /// <param name="a">Negative slope of the leaky ReLU that follows; 0 for the ReLU.</param>
    public static void KaimingNormal(Tensor weight, bool fanOut = false, double a = 0) =>
        Normal(weight, 0, Math.Sqrt(2 / ((1 + a * a) * (fanOut ? FanOut(weight) : FanIn(weight)))));

    /// <summary>He et al. 2015: uniform with bound √(6/((1+a²)·fan)).</summary>
    /// <param name="weight">The weight.</param>
    /// <param name="a">Negative slope of the leaky ReLU that follows; 0 for the ReLU.</param>
    /// <param name="fanOut">Whether the fan is the outputs' rather than the inputs'.</param>
    public static void KaimingUniform(Tensor weight, double a = 0, bool fanOut = false) =>
        Uniform(weight, Math.Sqrt(6 / ((1 + a * a) * (fanOut ? FanOut(weight) : FanIn(weight)))));

    /// <summary>Glorot &amp; Bengio 2010: normal with standard deviation gain·√(2/(fan in + fan out)).</summary>
    public static void XavierNormal(Tensor weight, double gain = 1) => Normal(weight, 0, gain * Math.Sqrt(2.0 / (FanIn(weight) + FanOut(weight))));

    /// <summary>Glorot &amp; Bengio 2010: uniform with bound gain·√(6/(fan in + fan out)).</summary>
    public static void XavierUniform(Tensor weight, double gain = 1) => Uniform(weight, gain * Math.Sqrt(6.0 / (FanIn(weight) + FanOut(weight))));

    /// <summary>
    /// Linear interpolation as the kernel of a transposed convolution (Long et al. 2015): every channel to itself, taps
    /// 1 − |i − centre|/factor along each dimension, zero elsewhere.
    /// </summary>
    /// <param name="weight"><c>[C, C, k...]</c>, or <c>[C, 1, k...]</c> for a group a channel.</param>
    /// <exception cref="ArgumentException">The channels do not pair.</exception>
    public static void Bilinear(Tensor weight)
    {
        var (shape, isGrouped) = (weight.Shape, weight.Shape[1] == 1);
        if (!isGrouped && shape[0] != shape[1])
            throw new ArgumentException($"found weight {shape}, expected as many channels in as out", nameof(weight));
        Set(weight, t =>
        {
            var kernel = Tensor.Ones([1], t.Dtype, t.Device);
            foreach (var size in shape.Span[2..])
                kernel = kernel.Unsqueeze(-1) * Taps(size).To(t.Device, t.Dtype);
            t.FillInPlace(0);
            for (var c = 0; c < shape[0]; c++)
                t[c, isGrouped ? 0 : c].CopyInPlace(kernel[0]);
        });
    }

    /// <summary>PyTorch's default for convolutions and linear layers: Kaiming uniform with a = √5, bias uniform in ±1/√fan.</summary>
    public static void ConvolutionDefault(Tensor weight, Tensor? bias)
    {
        KaimingUniform(weight, Math.Sqrt(5));
        if (bias is not null)
            Uniform(bias, 1 / Math.Sqrt(FanIn(weight)));
    }

    private static Tensor Taps(long size)
    {
        var factor = (size + 1) / 2;
        var centre = size % 2 == 1 ? factor - 1 : factor - 0.5;
        return Tensor.FromArray([.. Enumerable.Range(0, (int)size).Select(i => 1 - Math.Abs(i - centre) / factor)]);
    }

    private static double NormalDistribution(double x)
    {
        using var scope = new TensorScope();
        return (1 + Tensor.FromScalar(x / Math.Sqrt(2)).Erf().ToDouble()) / 2;
    }

    private static void Set(Tensor tensor, Action<Tensor> fill)
    {
        if (skipping > 0)
            return;
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        fill(tensor);
    }

    private sealed class Skipping : IDisposable
    {
        private bool disposed;

        public Skipping() => skipping++;

        public void Dispose()
        {
            if (!disposed)
                skipping--;
            disposed = true;
        }
    }
}

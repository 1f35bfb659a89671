namespace Fovea.Torch.Nn;

/// <summary>
/// Prepares a network for predictions until disposed: norms are computed into the convolutions before them, weights are held
/// in the precision and the layout that the processor convolves fastest, and nothing of that is repeated at every call. The
/// network's own parameters stay as they are, so that its state dict does too.
/// </summary>
/// <remarks>
/// In bfloat16 every convolution and linear layer converts its input where it must and gives bfloat16, as under
/// <see cref="Autocast"/>; what follows them has to cope with it. Only linear layers of many millions of weights stay as they are on
/// the processor, where a copy of them would be the most of the memory. Changing the weights, moving the network or putting it into
/// training asks for a new plan; the last ends this one by itself.
/// </remarks>
public sealed class InferencePlan : IDisposable
{
    // Above this many numbers, kernels work on small maps: a pass over those costs less than the memory of another copy.
    private const long LargestCopy = 1_000_000;

    // Matrices beyond this (of AlexNet's and VGG's heads, but not of a detector's) are most of a network's memory and little of its time: no copy is made.
    private const long LargestLoweredMatrix = 16_000_000;

    private readonly List<Layer> layers = [];
    private readonly List<Tensor> tensors = [];
    private bool disposed;

    private InferencePlan(Dtype dtype) => Dtype = dtype;

    /// <summary>What convolutions and linear layers compute in.</summary>
    public Dtype Dtype { get; }

    /// <summary>How many norms were computed into convolutions.</summary>
    public int FoldedNorms { get; private set; }

    /// <summary>Prepares a network that is in evaluation.</summary>
    /// <param name="module">The network.</param>
    /// <param name="dtype">Float32, or BFloat16 where a precision of 8 bits is enough.</param>
    /// <exception cref="FoveaException">The network is in training, has a plan already, or another type was asked for.</exception>
    public static InferencePlan Create(Module module, Dtype dtype = Dtype.Float32)
    {
        if (dtype is not (Dtype.Float32 or Dtype.BFloat16 or Dtype.Float16))
            throw new FoveaException($"inference plan: found {dtype}, expected Float32, BFloat16 or Float16");
        var modules = module.NamedModules().Select(m => m.Value).Distinct().ToList();
        if (modules.Any(m => m.IsTraining))
            throw new FoveaException($"inference plan: found {module.GetType().Name} in training, expected evaluation; call Eval() first");
        if (IsPrepared(module))
            throw new FoveaException($"inference plan: found {module.GetType().Name} prepared already, expected one plan; dispose the other first");
        var plan = new InferencePlan(dtype);
        using var noGrad = Autograd.NoGrad();
        plan.FoldNorms(modules);
        foreach (var layer in modules.OfType<Layer>())
            plan.Convert(layer);
        return plan;
    }

    /// <summary>Whether a plan stands in for weights of the network.</summary>
    public static bool IsPrepared(Module module) => module.NamedModules().Any(static m => m.Value is Layer { Plan: not null });

    /// <summary>Lets the network compute with its own weights again.</summary>
    public void Dispose()
    {
        if (disposed)
            return;
        disposed = true;
        foreach (var layer in layers)
        {
            layer.Plan = null;
            switch (layer)
            {
                case Convolution convolution:
                    convolution.Planned = null;
                    break;
                case ConvolutionTransposed transposed:
                    transposed.Planned = null;
                    break;
                case Linear linear:
                    linear.Planned = null;
                    break;
            }
        }

        foreach (var tensor in tensors)
            tensor.Dispose();
    }

    private void FoldNorms(List<Module> modules)
    {
        // A convolution or norm that takes part in several pairs would need several weights.
        var pairs = modules.SelectMany(m => m.Pairs).Where(p => ConvolutionNorm.CanFold(p.Norm)).ToList();
        var shared = pairs.SelectMany(p => new Layer[] { p.Convolution, p.Norm }).GroupBy(l => l).Where(g => g.Count() > 1).Select(g => g.Key).ToHashSet();
        foreach (var pair in pairs.Where(p => !shared.Contains(p.Convolution) && !shared.Contains(p.Norm) && IsWorthACopy(p.Convolution.Weight)))
        {
            using var scope = new TensorScope();
            var (weight, bias) = pair.Fold();
            pair.Convolution.Planned = Prepared(weight, bias);
            Take(pair.Convolution);
            Take(pair.Norm);
            FoldedNorms++;
        }
    }

    private bool IsWorthACopy(Tensor weight) => weight.Dtype != Dtype || weight.Shape.Count <= LargestCopy;

    private void Convert(Layer layer)
    {
        if (layer.Plan is not null)
            return;
        using var scope = new TensorScope();
        switch (layer)
        {
            case Convolution convolution:
                convolution.Planned = Prepared(convolution.Weight, convolution.Bias);
                Take(convolution);
                break;
            case ConvolutionTransposed { CanLower: true } transposed when transposed.Weight.Dtype != Dtype:
                transposed.Planned = Lowered(transposed.Weight, transposed.Bias);
                Take(transposed);
                break;
            case Linear { IsFactored: false } linear when linear.Weight.Dtype != Dtype:
                linear.Planned = linear.Weight.Shape.Count > LargestLoweredMatrix && !linear.Weight.Device.IsCuda
                    ? new PlannedWeights(linear.Weight, linear.Bias)
                    : Lowered(linear.Weight, linear.Bias);
                Take(linear);
                break;
        }
    }

    private void Take(Layer layer)
    {
        layer.Plan = this;
        layers.Add(layer);
    }

    private PlannedWeights Lowered(Tensor weight, Tensor? bias) => new(Hold(weight.Detach().To(Dtype)), bias is null ? null : Hold(bias.Detach().To(Dtype)));

    private PlannedWeights Prepared(Tensor weight, Tensor? bias)
    {
        var converted = weight.Detach().To(Dtype);
        if (converted.Rank == 4 && ConvolutionLayout.Fastest(converted.Device, Dtype) == MemoryFormat.ChannelsLast)
            converted = converted.Contiguous(MemoryFormat.ChannelsLast);
        return new PlannedWeights(Hold(converted), bias is null ? null : Hold(bias.Detach().To(Dtype)));
    }

    private Tensor Hold(Tensor tensor)
    {
        tensors.Add(tensor.Escape());
        return tensor;
    }
}

/// <summary>Weights that stand in for a layer's own.</summary>
/// <param name="Weight">The weight.</param>
/// <param name="Bias">The bias, or null.</param>
internal sealed record PlannedWeights(Tensor Weight, Tensor? Bias)
{
    private readonly Dtype dtype = Weight.Dtype;

    /// <summary>The input in the weights' type; itself when it is of it.</summary>
    public Tensor Adapt(Tensor input) => input.Dtype == dtype ? input : input.To(dtype);
}

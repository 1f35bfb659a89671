namespace Fovea.Torch.Nn;

/// <summary>
/// A part of a network: owns parameters, buffers and child modules under the names of the published state dict. Names are
/// given where the member is made: <c>conv1 = Child("conv1", new Conv2d(...))</c>.
/// </summary>
public abstract class Module : IDisposable
{
    private readonly List<KeyValuePair<string, Module>> children = [];
    private readonly List<KeyValuePair<string, Tensor>> parameters = [];
    private readonly List<KeyValuePair<string, Tensor>> buffers = [];
    private readonly List<ConvolutionNorm> pairs = [];
    private readonly HashSet<string> names = new(StringComparer.Ordinal);

    /// <summary>Whether this behaves as in training (dropout drops, batch norm uses batch statistics).</summary>
    public bool IsTraining { get; private set; } = true;

    /// <summary>The direct children with their names, in order.</summary>
    public IReadOnlyList<KeyValuePair<string, Module>> Children => children;

    /// <summary>The pairs declared by <see cref="Pair"/> in this module alone.</summary>
    internal IReadOnlyList<ConvolutionNorm> Pairs => pairs;

    /// <summary>Every parameter below this module with its full name, in the order of the published state dict.</summary>
    public IEnumerable<KeyValuePair<string, Tensor>> NamedParameters() =>
        NamedModules().SelectMany(m => m.Value.parameters.Select(p => KeyValuePair.Create(Join(m.Key, p.Key), p.Value)));

    /// <summary>Every parameter below this module.</summary>
    public IEnumerable<Tensor> Parameters() => NamedParameters().Select(p => p.Value);

    /// <summary>Every buffer (state that is not trained, such as running statistics) below this module with its full name.</summary>
    public IEnumerable<KeyValuePair<string, Tensor>> NamedBuffers() =>
        NamedModules().SelectMany(m => m.Value.buffers.Select(b => KeyValuePair.Create(Join(m.Key, b.Key), b.Value)));

    /// <summary>This module ("") and every module below it with its full name, parents before children.</summary>
    public IEnumerable<KeyValuePair<string, Module>> NamedModules()
    {
        yield return KeyValuePair.Create("", this);
        foreach (var child in children)
        {
            foreach (var below in child.Value.NamedModules())
                yield return KeyValuePair.Create(Join(child.Key, below.Key), below.Value);
        }
    }

    /// <summary>
    /// Parameters and buffers under their published names, in the order of PyTorch's <c>state_dict</c>. The tensors are the
    /// module's own, not copies.
    /// </summary>
    public IReadOnlyList<KeyValuePair<string, Tensor>> StateDict() =>
        [.. NamedModules().SelectMany(m => m.Value.parameters.Concat(m.Value.buffers).Select(t => KeyValuePair.Create(Join(m.Key, t.Key), t.Value)))];

    /// <summary>Number of trainable scalars (parameters that require a gradient).</summary>
    public long ParameterCount() => Parameters().Where(p => p.RequiresGrad).Sum(p => p.Count);

    /// <summary>Finds the module with a full name such as <c>layer1.0.conv1</c>.</summary>
    /// <exception cref="FoveaException">There is none; the message names the nearest.</exception>
    public Module Find(string name)
    {
        var found = NamedModules().FirstOrDefault(m => m.Key == name).Value;
        return found ?? throw new FoveaException($"no module is called '{name}'; the children of {GetType().Name} are {string.Join(", ", children.Select(c => c.Key))}");
    }

    /// <summary>Puts this module and all below it into training behaviour, or out of it.</summary>
    public virtual void Train(bool training = true)
    {
        IsTraining = training;
        foreach (var child in children)
            child.Value.Train(training);
    }

    /// <summary>Puts this module and all below it into evaluation behaviour.</summary>
    public void Eval() => Train(false);

    /// <summary>Stops (or resumes) training of every parameter below this module.</summary>
    public void Freeze(bool frozen = true)
    {
        foreach (var parameter in Parameters())
            parameter.RequiresGrad = !frozen;
    }

    /// <summary>Forgets the accumulated gradients.</summary>
    public void ZeroGradients()
    {
        foreach (var parameter in Parameters())
            parameter.Gradient = null;
    }

    /// <summary>Moves every parameter and buffer, and converts those of floating point; they stay the same tensors to an optimizer.</summary>
    /// <param name="device">Where to; null to stay.</param>
    /// <param name="dtype">Floating-point type to convert to; null to keep.</param>
    public void To(Device? device = null, Dtype? dtype = null)
    {
        using var noGrad = Autograd.NoGrad();
        foreach (var (_, tensor) in StateDict())
        {
            using var scope = new TensorScope();
            var moved = tensor.Detach().To(device ?? tensor.Device, dtype is { } wanted && tensor.Dtype.IsFloatingPoint() ? wanted : tensor.Dtype);
            tensor.SetData(moved);
        }
    }

    /// <summary>Lays the weights of convolutions out with the channel fastest, which convolutions like best on many processors.</summary>
    public void ToChannelsLast()
    {
        using var noGrad = Autograd.NoGrad();
        foreach (var parameter in Parameters().Where(p => p.Rank is 4 or 5))
        {
            using var scope = new TensorScope();
            parameter.SetData(parameter.Detach().Contiguous(parameter.Rank == 4 ? MemoryFormat.ChannelsLast : MemoryFormat.ChannelsLast3d));
        }
    }

    /// <summary>Frees every parameter and buffer below this module.</summary>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees every parameter and buffer below this module.</summary>
    protected virtual void Dispose(bool disposing)
    {
        if (!disposing)
            return;
        foreach (var child in children)
            child.Value.Dispose();
        foreach (var tensor in parameters.Concat(buffers))
            tensor.Value.Dispose();
    }

    /// <summary>Adopts a child under its published name; with an empty one the child's own names stand at this level.</summary>
    /// <returns>The same module.</returns>
    protected T Child<T>(string name, T module) where T : Module
    {
        Claim(name);
        children.Add(KeyValuePair.Create<string, Module>(name, module));
        return module;
    }

    /// <summary>
    /// Declares that <paramref name="norm"/> is applied to what <paramref name="convolution"/> gives and that nothing else sees that;
    /// so one may be computed into the weights of the other. Both must be children already.
    /// </summary>
    /// <returns>What applies the two.</returns>
    protected ConvolutionNorm Pair(Convolution convolution, Layer norm)
    {
        var pair = new ConvolutionNorm(convolution, norm);
        pairs.Add(pair);
        return pair;
    }

    /// <summary>Puts another module in the place of a child, which is disposed.</summary>
    protected T ReplaceChild<T>(string name, T module) where T : Module
    {
        var position = children.FindIndex(c => c.Key == name);
        if (position < 0)
            throw new ArgumentException($"found no child '{name}' to replace", nameof(name));
        children[position].Value.Dispose();
        children[position] = KeyValuePair.Create<string, Module>(name, module);
        return module;
    }

    /// <summary>Adopts a trainable tensor under its published name; it outlives every scope and requires a gradient.</summary>
    /// <returns>The same tensor.</returns>
    protected Tensor Parameter(string name, Tensor value)
    {
        Claim(name);
        value.Escape();
        value.RequiresGrad = true;
        parameters.Add(KeyValuePair.Create(name, value));
        return value;
    }

    /// <summary>Adopts state that is not trained under its published name; it outlives every scope.</summary>
    /// <returns>The same tensor.</returns>
    protected Tensor Buffer(string name, Tensor value)
    {
        Claim(name);
        buffers.Add(KeyValuePair.Create(name, value.Escape()));
        return value;
    }

    private static string Join(string prefix, string name) => prefix.Length == 0 ? name : name.Length == 0 ? prefix : $"{prefix}.{name}";

    private void Claim(string name)
    {
        if (name.Length > 0 && !names.Add(name))
            throw new ArgumentException($"{GetType().Name} has two members called '{name}', expected unique names", nameof(name));
    }
}

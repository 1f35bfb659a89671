namespace Fovea.Torch.Optim;

/// <summary>
/// Moves parameters along their gradients. All parameters of a group move together: by one fused pass on all cores where they
/// are float32 on the CPU, else by libtorch's foreach operators.
/// </summary>
public abstract class Optimizer : IDisposable
{
    private const string StepKey = "step";

    private readonly List<(ParameterGroup Group, List<ParameterState> States)> groups = [];
    private readonly OrderedDictionary<string, ParameterState> byName = new(StringComparer.Ordinal);

    /// <summary>Creates the optimizer.</summary>
    /// <param name="groups">The parameter groups; names must be unique over all of them.</param>
    /// <exception cref="FoveaException">There is no parameter, or one is in two groups.</exception>
    protected Optimizer(IEnumerable<ParameterGroup> groups)
    {
        foreach (var group in groups)
        {
            var states = new List<ParameterState>();
            foreach (var (name, parameter) in group.Parameters)
            {
                var state = new ParameterState(name, parameter);
                if (!byName.TryAdd(name, state))
                    throw new FoveaException($"optimizer: found the parameter '{name}' twice, expected it in one group");
                states.Add(state);
            }

            this.groups.Add((group, states));
        }

        if (byName.Count == 0)
            throw new FoveaException("optimizer: found no parameters, expected some that require a gradient");
    }

    /// <summary>The parameter groups.</summary>
    public IReadOnlyList<ParameterGroup> Groups => [.. groups.Select(static pair => pair.Group)];

    /// <summary>Takes one step with the gradients accumulated; parameters without a gradient stay as they are.</summary>
    public void Step()
    {
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        foreach (var (group, states) in groups)
        {
            var stepping = states.Select(static state => (State: state, Gradient: state.Parameter.Gradient)).Where(static pair => pair.Gradient is not null);
            foreach (var bucket in stepping.GroupBy(static pair => pair.State.Steps))
            {
                var update = new ParameterUpdate(group, [.. bucket.Select(static pair => pair.State)], [.. bucket.Select(static pair => pair.Gradient!)], bucket.Key + 1);
                Update(update);
                foreach (var state in update.States)
                    state.Steps++;
            }
        }
    }

    /// <summary>Forgets the gradients of all parameters.</summary>
    public void ZeroGradients()
    {
        foreach (var state in byName.Values)
            state.Parameter.Gradient = null;
    }

    /// <summary>Sets every group's learning rate to its initial one times a factor.</summary>
    public void ScaleLearningRates(double factor)
    {
        foreach (var (group, _) in groups)
            group.LearningRate = group.InitialLearningRate * factor;
    }

    /// <summary>
    /// What the optimizer remembers, by names such as <c>exp_avg.conv1.weight</c> and <c>step.conv1.weight</c>. Buffers are the
    /// optimizer's own tensors; step counts are new ones that belong to the caller.
    /// </summary>
    public IReadOnlyList<KeyValuePair<string, Tensor>> StateDict()
    {
        var tensors = new List<KeyValuePair<string, Tensor>>();
        foreach (var (name, state) in byName.Where(static pair => pair.Value.Steps > 0))
        {
            tensors.Add(new($"{StepKey}.{name}", Tensor.FromScalar(state.Steps)));
            tensors.AddRange(state.Buffers.Select(buffer => KeyValuePair.Create($"{buffer.Key}.{name}", buffer.Value)));
        }

        return tensors;
    }

    /// <summary>Restores what <see cref="StateDict"/> gave; the tensors are copied.</summary>
    /// <param name="tensors">The tensors by name.</param>
    /// <exception cref="FoveaException">A name or shape does not belong to this optimizer; it then has no state at all.</exception>
    public void LoadStateDict(IEnumerable<KeyValuePair<string, Tensor>> tensors)
    {
        foreach (var state in byName.Values)
            state.Clear();
        try
        {
            using var noGrad = Autograd.NoGrad();
            foreach (var (key, tensor) in tensors)
                Restore(key, tensor);
            foreach (var (name, state) in byName)
                CheckWhole(name, state);
        }
        catch
        {
            foreach (var state in byName.Values)
                state.Clear();
            throw;
        }
    }

    /// <summary>Frees what the optimizer remembers; the parameters stay.</summary>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees what the optimizer remembers.</summary>
    protected virtual void Dispose(bool disposing)
    {
        foreach (var state in byName.Values)
            state.Clear();
    }

    /// <summary>The names of the buffers that this optimizer keeps for a parameter.</summary>
    private protected abstract IReadOnlyList<string> BufferNames { get; }

    /// <summary>Moves parameters of one group that have taken equally many steps.</summary>
    private protected abstract void Update(ParameterUpdate update);

    // Half of what a step needs would go on without a word, to other numbers.
    private void CheckWhole(string name, ParameterState state)
    {
        if (state.Steps > 0 ? BufferNames.Any(buffer => !state.Buffers.ContainsKey(buffer)) : state.Buffers.Count > 0)
            throw new FoveaException($"optimizer state: {name}: found only a part, expected {string.Join(" and ", BufferNames.Prepend(StepKey))}");
    }

    private void Restore(string key, Tensor tensor)
    {
        var dot = key.IndexOf('.', StringComparison.Ordinal);
        var (kind, name) = dot > 0 ? (key[..dot], key[(dot + 1)..]) : (key, "");
        if (!byName.TryGetValue(name, out var state) || (kind != StepKey && !BufferNames.Contains(kind)))
            throw new FoveaException($"optimizer state: found '{key}', expected {string.Join(" or ", BufferNames.Prepend(StepKey))} of a parameter of this network; it was saved by another optimizer or for another network");
        if (kind == StepKey)
        {
            state.Steps = tensor.ToDouble() is >= 0 and <= 9e15 and var steps
                ? (long)steps
                : throw new FoveaException($"optimizer state: {key}: found {tensor.ToDouble()}, expected how many steps were taken");
            return;
        }

        if (tensor.Shape != state.Parameter.Shape)
            throw new FoveaException($"optimizer state: {key}: found the shape {tensor.Shape}, expected {state.Parameter.Shape}");
        state.Buffer(kind).CopyInPlace(tensor);
    }
}

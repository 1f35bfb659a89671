namespace Fovea.Torch.Optim;

/// <summary>Parameters of one group that take the same step together, with their gradients.</summary>
/// <param name="Group">The group.</param>
/// <param name="States">The parameters.</param>
/// <param name="Gradients">The gradients, in the same order; not to be changed.</param>
/// <param name="Step">Number of the step, counted from 1.</param>
internal sealed record ParameterUpdate(ParameterGroup Group, IReadOnlyList<ParameterState> States, IReadOnlyList<Tensor> Gradients, long Step)
{
    public IReadOnlyList<Tensor> Parameters { get; } = [.. States.Select(static state => state.Parameter)];

    /// <summary>A buffer of every parameter.</summary>
    public IReadOnlyList<Tensor> Buffers(string key) => [.. States.Select(state => state.Buffer(key))];

    /// <summary>The gradients with the L2 penalty of the weight decay added.</summary>
    public IReadOnlyList<Tensor> DecayedGradients() =>
        Group.WeightDecay == 0 ? Gradients : Aten.ForeachAdd(Gradients, Parameters, Group.WeightDecay);
}

namespace Fovea.Torch.Optim;

/// <summary>A parameter with what an optimizer remembers of it.</summary>
internal sealed class ParameterState(string name, Tensor parameter)
{
    private readonly OrderedDictionary<string, Tensor> buffers = new(StringComparer.Ordinal);

    public string Name => name;

    public Tensor Parameter => parameter;

    /// <summary>Steps taken, not counting those in which it had no gradient.</summary>
    public long Steps { get; set; }

    public IReadOnlyDictionary<string, Tensor> Buffers => buffers;

    /// <summary>The buffer of this name, zero and laid out like the parameter when it is new.</summary>
    public Tensor Buffer(string key)
    {
        if (!buffers.TryGetValue(key, out var buffer))
            buffers.Add(key, buffer = parameter.ZerosLike().Escape());
        return buffer;
    }

    public void Clear()
    {
        foreach (var buffer in buffers.Values)
            buffer.Dispose();
        buffers.Clear();
        Steps = 0;
    }
}

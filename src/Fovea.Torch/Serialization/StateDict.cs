using Fovea.Torch.Nn;

namespace Fovea.Torch.Serialization;

/// <summary>Puts named tensors of files into networks and saves them. Loading is strict: every name and every shape must fit.</summary>
public static class StateDict
{
    // What PyTorch counts batches with; files from before it did so lack it, and it does not enter the outputs.
    private const string BatchCounter = "num_batches_tracked";

    /// <summary>Loads a network's parameters and buffers from a weights file.</summary>
    /// <param name="module">The network.</param>
    /// <param name="path">Safetensors, or a state dict of PyTorch (<c>.pth</c>, <c>.pt</c>).</param>
    /// <param name="partial">What may be left out and why; null asks for a perfect fit.</param>
    /// <param name="section">The part of a nested PyTorch checkpoint to take, or null to find it.</param>
    /// <returns>What was done.</returns>
    /// <exception cref="FoveaException">The file cannot be read, or does not fit; the message lists missing, unexpected and
    /// wrongly shaped tensors, and the network is as it was.</exception>
    public static LoadReport Load(Module module, string path, PartialLoading? partial = null, string? section = null)
    {
        using var file = WeightsFile.Open(path, section);
        return Load(module, file, partial);
    }

    /// <summary>Loads a network's parameters and buffers from an open weights file.</summary>
    /// <param name="module">The network.</param>
    /// <param name="file">The file.</param>
    /// <param name="partial">What may be left out and why; null asks for a perfect fit.</param>
    /// <exception cref="FoveaException">The file does not fit; the network is as it was.</exception>
    public static LoadReport Load(Module module, WeightsFile file, PartialLoading? partial = null) => Load(module, file, Named(module, file), partial);

    /// <summary>Loads a network's parameters and buffers from tensors of an open weights file under other names or in other shapes.</summary>
    /// <param name="module">The network.</param>
    /// <param name="file">The file.</param>
    /// <param name="given">Its tensors under the network's names.</param>
    /// <param name="partial">What may be left out and why; null asks for a perfect fit.</param>
    /// <exception cref="FoveaException">The tensors do not fit; the network is as it was.</exception>
    public static LoadReport Load(Module module, WeightsFile file, IReadOnlyDictionary<string, TensorData> given, PartialLoading? partial = null)
    {
        var wanted = module.StateDict().ToDictionary(static pair => pair.Key, static pair => pair.Value, StringComparer.Ordinal);
        bool IsLeftOut(string name) => partial?.LeavesOut(name) ?? false;
        var unexpected = given.Keys.Where(name => !wanted.ContainsKey(name) && !IsLeftOut(name)).ToList();
        var missing = wanted.Keys.Where(name => !given.ContainsKey(name) && !IsLeftOut(name)).ToList();
        var counters = file.Format == WeightsFormat.Safetensors ? [] : missing.Where(static name => name.EndsWith(BatchCounter, StringComparison.Ordinal)).ToList();
        missing.RemoveAll(counters.Contains);
        var shared = wanted.Where(pair => given.ContainsKey(pair.Key) && !IsLeftOut(pair.Key)).ToList();
        var misshapen = shared.Where(pair => !Fits(pair.Key, given[pair.Key], pair.Value)).ToList();
        if (missing.Count + unexpected.Count + misshapen.Count > 0)
            throw Misfit(module, file, missing, unexpected, [.. misshapen.Select(pair => $"{pair.Key} (found {given[pair.Key]}, expected {pair.Value.Dtype}{pair.Value.Shape})")], shared.Count - misshapen.Count);
        Copy(shared.Select(pair => (given[pair.Key], pair.Value)));
        using (Autograd.NoGrad())
        {
            foreach (var name in counters)
                wanted[name].ZeroInPlace();
        }

        return new LoadReport
        {
            Loaded = shared.Count,
            Kept = [.. wanted.Keys.Where(IsLeftOut)],
            Ignored = [.. given.Keys.Where(name => IsLeftOut(name) && !wanted.ContainsKey(name))],
            Converted = [.. shared.Where(pair => given[pair.Key].Dtype != pair.Value.Dtype).Select(static pair => pair.Key)],
            Reason = partial?.Reason,
        };
    }

    /// <summary>Saves a network's parameters and buffers as safetensors, whole or not at all.</summary>
    /// <param name="path">The file to create or replace.</param>
    /// <param name="module">The network.</param>
    /// <param name="metadata">Free text by name to put into the file, or null.</param>
    /// <exception cref="FoveaException">The file cannot be written; an old one is left as it was.</exception>
    public static void Save(string path, Module module, IEnumerable<KeyValuePair<string, string>>? metadata = null) =>
        Save(path, module.StateDict(), metadata);

    /// <summary>Saves named tensors of any device as safetensors, whole or not at all.</summary>
    /// <param name="path">The file to create or replace.</param>
    /// <param name="tensors">The tensors by name.</param>
    /// <param name="metadata">Free text by name to put into the file, or null.</param>
    /// <exception cref="FoveaException">The file cannot be written; an old one is left as it was.</exception>
    public static void Save(string path, IEnumerable<KeyValuePair<string, Tensor>> tensors, IEnumerable<KeyValuePair<string, string>>? metadata = null)
    {
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        Safetensors.Write(path, [.. tensors.Select(static pair => KeyValuePair.Create(pair.Key, ToData(pair.Value)))], metadata);
    }

    /// <summary>The tensors of a file as tensors of their own.</summary>
    /// <param name="file">The file.</param>
    /// <returns>Copies on the CPU by name, in the order of the file.</returns>
    public static IReadOnlyDictionary<string, Tensor> Read(WeightsFile file)
    {
        var tensors = new OrderedDictionary<string, Tensor>(StringComparer.Ordinal);
        foreach (var (name, data) in file.Tensors)
            tensors.Add(name, ToTensor(data));
        return tensors;
    }

    /// <summary>The tensors of a file under the names that a network gives them.</summary>
    /// <param name="module">The network.</param>
    /// <param name="file">The file, which must stay open while they are used.</param>
    /// <exception cref="FoveaException">The file has no names and is not of this network, or has a tensor twice with different values.</exception>
    public static IReadOnlyDictionary<string, TensorData> Named(Module module, WeightsFile file)
    {
        if (file.Format == WeightsFormat.Darknet)
        {
            return module is INamesWeights naming
                ? naming.Name(file)
                : throw new FoveaException($"{file.Path}: found Darknet's weights, which have no names, expected safetensors or .pth; {module.GetType().Name} is none of its networks");
        }

        if (module is not IRenamedWeights renamed)
            return file.Tensors;
        var tensors = new OrderedDictionary<string, TensorData>(StringComparer.Ordinal);
        foreach (var (name, data) in file.Tensors)
        {
            if (renamed.CurrentName(name) is { } current && !tensors.TryAdd(current, data) && !tensors[current].HasSameElements(data))
                throw new DataException(file.Path, name, "other values than under another name of the same tensor", $"one '{current}', or the same values");
        }

        return tensors;
    }

    /// <summary>A tensor on the CPU with a copy of data from a file.</summary>
    public static unsafe Tensor ToTensor(TensorData data)
    {
        var tensor = Tensor.Empty([.. data.Shape], data.Dtype);
        data.CopyTo((byte*)tensor.DataPointer);
        GC.KeepAlive(tensor);
        return tensor;
    }

    /// <summary>A tensor's contents for a file; no copy when it is contiguous on the CPU.</summary>
    internal static unsafe TensorData ToData(Tensor tensor)
    {
        var local = tensor.Detach().To(Device.Cpu).Contiguous();
        return TensorData.FromMemory(local.Dtype, local.Shape.ToArray(), local, (byte*)local.DataPointer, local.Count * local.Dtype.Size());
    }

    private static unsafe void Copy(IEnumerable<(TensorData From, Tensor To)> pairs)
    {
        using var noGrad = Autograd.NoGrad();
        var straight = pairs.ToLookup(static pair => pair.From.Dtype == pair.To.Dtype && !pair.To.Device.IsCuda && pair.To.IsContiguous());
        Parallel.ForEach(straight[true], static pair =>
        {
            pair.From.CopyTo((byte*)pair.To.DataPointer);
            GC.KeepAlive(pair.To);
        });
        foreach (var (from, to) in straight[false])
        {
            using var scope = new TensorScope();
            to.CopyInPlace(ToTensor(from).Reshape(to.Shape));
        }
    }

    // A single number may be written with or without a dimension (PyTorch before 0.4 knew no scalars), and averaged or halved checkpoints
    // hold the counters as floating-point numbers too.
    private static bool Fits(string name, TensorData data, Tensor tensor) =>
        (data.Shape.SequenceEqual(tensor.Shape.ToArray()) || (data.Count == 1 && tensor.Count == 1 && data.Shape.Count + tensor.Rank == 1))
        && (data.Dtype.IsFloatingPoint() == tensor.Dtype.IsFloatingPoint() || name.EndsWith(BatchCounter, StringComparison.Ordinal));

    private static FoveaException Misfit(Module module, WeightsFile file, List<string> missing, List<string> unexpected, List<string> misshapen, int fitting)
    {
        var faults = new List<string>();
        Describe(faults, missing, "missing");
        Describe(faults, unexpected, "unexpected");
        Describe(faults, misshapen, "of another shape or type");
        var remedy = fitting == 0
            ? $"These are the weights of another model: its names are such as {string.Join(", ", file.Tensors.Keys.Take(3))}."
            : "Give the model they were trained with, or load a part of them with a named reason.";
        return new FoveaException($"{file.Path}: the weights do not fit {module.GetType().Name}: {string.Join("; ", faults)}; {Counted.Of(fitting, "tensor fits", "tensors fit")}. {remedy}");
    }

    private static void Describe(List<string> faults, List<string> names, string what)
    {
        const int Shown = 6;
        if (names.Count > 0)
            faults.Add($"{names.Count} {what}: {string.Join(", ", names.Take(Shown))}{(names.Count > Shown ? ", ..." : "")}");
    }
}

namespace Fovea.Torch.Serialization;

/// <summary>The kinds of weights files that can be read.</summary>
public enum WeightsFormat
{
    /// <summary>A JSON header followed by the raw elements.</summary>
    Safetensors,

    /// <summary>PyTorch's archive: a pickle and one stored entry per storage (since PyTorch 1.6).</summary>
    PyTorchZip,

    /// <summary>PyTorch's older file: pickles followed by the raw storages.</summary>
    PyTorchPickle,

    /// <summary>Darknet's <c>.weights</c>: a version, then all numbers of all layers, without names or shapes.</summary>
    Darknet,
}

/// <summary>
/// A file of named tensors: safetensors, or a state dict of PyTorch (<c>.pth</c>, <c>.pt</c>, <c>.bin</c>); or one of
/// Darknet's without names, which a network that is <see cref="INamesWeights"/> can give its numbers. The format is
/// told from the contents, not the name. The file is mapped into memory: opening it checks it and reads the names and
/// shapes, and the elements are read when a tensor is copied. Nothing in the file is ever executed.
/// </summary>
public sealed class WeightsFile : IDisposable
{
    private readonly MappedFile file;

    internal WeightsFile(MappedFile file, WeightsFormat format, OrderedDictionary<string, TensorData> tensors)
    {
        this.file = file;
        Format = format;
        Tensors = tensors;
    }

    /// <summary>Path of the file.</summary>
    public string Path => file.Path;

    /// <summary>What kind of file it is.</summary>
    public WeightsFormat Format { get; }

    /// <summary>The tensors by name, in the order of the file. Valid until the file is disposed.</summary>
    public IReadOnlyDictionary<string, TensorData> Tensors { get; }

    /// <summary>
    /// Free text by name: the <c>__metadata__</c> of safetensors; of a PyTorch checkpoint the numbers, truth values and
    /// texts beside its state dict, such as <c>epoch</c>.
    /// </summary>
    public IReadOnlyDictionary<string, string> Metadata { get; internal init; } = new Dictionary<string, string>();

    /// <summary>Where in a nested PyTorch checkpoint the tensors were found, such as <c>state_dict</c>; empty at the top.</summary>
    public string Section { get; internal init; } = "";

    /// <summary>A prefix that every name had and that was taken off, such as <c>module.</c>; empty when there was none.</summary>
    public string StrippedPrefix { get; internal init; } = "";

    /// <summary>Entries of the state dict that are no tensors and were left out, such as <c>fc._extra_state</c>.</summary>
    public IReadOnlyList<string> LeftOut { get; internal init; } = [];

    /// <summary>Opens a weights file and checks all of it but the values.</summary>
    /// <param name="path">The file.</param>
    /// <param name="section">Which part of a nested PyTorch checkpoint to take (<c>model</c>, <c>model_ema</c>,
    /// <c>teacher.backbone</c>), or null to find the state dict by its usual names.</param>
    /// <exception cref="FoveaException">The file is missing, damaged, of no known kind, or a pickle that names anything but
    /// tensors and plain containers.</exception>
    public static WeightsFile Open(string path, string? section = null)
    {
        var file = MappedFile.Open(path);
        try
        {
            var start = ByteSource.Of(file).Span(0, (int)Math.Min(file.Length, 512));
            if (section is not null && !PyTorchFile.IsZip(start) && !PyTorchFile.IsPickle(start))
                throw new FoveaException($"{path}: has no sections; '{section}' can be chosen only in a PyTorch checkpoint");
            if (PyTorchFile.IsZip(start))
                return PyTorchFile.ReadZip(file, section);
            if (PyTorchFile.IsPickle(start))
                return PyTorchFile.ReadPickle(file, section);
            if (PyTorchFile.IsTar(start))
            {
                throw new DataException(path, null, "a tar archive, as PyTorch before 0.1.10 wrote them",
                    "safetensors or a newer .pth; load it in PyTorch and save its state_dict() again");
            }

            return DarknetFile.IsDarknet(start) ? DarknetFile.Read(file) : SafetensorsReader.Read(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Closes the file; its tensors can no longer be read.</summary>
    public void Dispose() => file.Dispose();
}
